// Files of named arrays: what is read can be written and read again, and is the same.
#include "nodes/network/safetensors.hpp"

#include <stdexcept>

#include "nodes/dtype_size.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/memory_folder.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fergraph;
  static const test::MemoryFolder folder;
  Blobs arrays;
  try {
    arrays = read_safetensors(folder.write("in", fuzz::text_of(data, size)));
  } catch (const std::runtime_error&) {
    return 0;
  }
  fuzz::expect_whole(arrays, &dtype_size);
  write_safetensors(folder.path() / "out", arrays);
  const Blobs again = read_safetensors(folder.path() / "out");
  fuzz::expect(again.size() == arrays.size(), "arrays were lost");
  for (const auto& [name, blob] : arrays) {
    const auto found = again.find(name);
    fuzz::expect(found != again.end() && found->second.dtype == blob.dtype && found->second.shape == blob.shape &&
                     found->second.bytes == blob.bytes,
                 "an array changed on the way");
  }
  return 0;
}
