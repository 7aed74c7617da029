// Pictures, whole and in part: the first eight bytes choose the part, the rest is the file.
#include <iostream>

#include "tests/decoded_complaint.hpp"
#include "tests/fuzz/input.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fergraph;
  constexpr std::size_t choice = 8;
  if (size < choice) return 0;
  // OpenCV's lines about damaged TIFFs; a sanitizer's reports take another way.
  std::cerr.setstate(std::ios::failbit);
  constexpr DecodeLimits limits{.max_bytes = std::uintmax_t{1} << 20, .max_pixels = 300'000};
  DecodeRegion region;
  if (data[0] != 0) {
    region.face.emplace();
    region.face->part = {data[1] - 40, data[2] - 40, 1 + data[3] * (1 + data[7] / 16),
                         1 + data[4] * (1 + data[7] % 16)};
    region.face->shrink = 1 + data[5] % 9;
    region.may_shrink = data[6] % 4 != 0;
  }
  const std::string wrong = test::complaint(decode_bytes({data + choice, size - choice}, limits, region), limits);
  if (!wrong.empty()) fuzz::fail(wrong);
  return 0;
}
