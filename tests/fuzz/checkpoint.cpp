// PyTorch checkpoints, zip and legacy.
#include "nodes/network/checkpoint.hpp"

#include <stdexcept>

#include "nodes/dtype_size.hpp"
#include "tests/fuzz/input.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fergraph;
  const auto bytes = std::as_bytes(std::span(data, size));
  begins_like_checkpoint(bytes);
  try {
    fuzz::expect_whole(parse_checkpoint(bytes).arrays, &dtype_size);
  } catch (const std::runtime_error&) {
  }
  return 0;
}
