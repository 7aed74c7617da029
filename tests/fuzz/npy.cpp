// NumPy files: an array, or a DatasetError and nothing else.
#include "datasets/npy.hpp"

#include "datasets/dataset_error.hpp"
#include "tests/fuzz/input.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fergraph;
  try {
    const NpyArray array = parse_npy({data, size}, "fuzzed.npy");
    fuzz::expect(!array.is_scalar || array.size() == 1, "a scalar is not one element");
    fuzz::expect(array.size() <= NpyLimits{}.max_elements, "there are more elements than the limit");
  } catch (const DatasetError&) {
  }
  return 0;
}
