// What the decoders of the picture formats share: refusals, reading of headers, and the limit on the declared size.
// For decode.cpp and the files of the formats only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "nodes/face/decode.hpp"

namespace fergraph::formats {

using Bytes = std::span<const std::uint8_t>;

inline Decoded failed(std::string reason) {
  Decoded decoded;
  decoded.reason = std::move(reason);
  return decoded;
}

// Beyond the photograph there is nothing to decode.
inline constexpr const char* region_outside = "The face lies wholly outside the photograph.";

inline bool begins_with(Bytes bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

// Reads numbers out of a header; past the end they are 0, and `ended` tells.
struct HeaderReader {
  Bytes bytes;
  bool big_endian = false;
  bool ended = false;

  std::uint32_t number(std::size_t at, std::size_t size) {
    if (at > bytes.size() || bytes.size() - at < size) {
      ended = true;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + (big_endian ? i : size - 1 - i)];
    return value;
  }
  std::uint32_t u16(std::size_t at) { return number(at, 2); }
  std::uint32_t u32(std::size_t at) { return number(at, 4); }
};

// Empty if the declared size may be decoded.
std::string check_size(std::int64_t width, std::int64_t height, const DecodeLimits& limits);

// What the header said.
struct HeaderResult {
  int orientation = 1;
  std::string reason;
};

// Never inlined: its strings must not live in a function that errors jump out of.
[[gnu::noinline]] void check_header(std::int64_t width, std::int64_t height, const DecodeLimits& limits,
                                    HeaderResult* result);

// Each expects bytes that begin as its format does, at least as far as sniffing looked, and may throw.
Decoded decode_jpeg(Bytes bytes, const DecodeLimits& limits, const DecodeRegion& region);
Decoded decode_png(Bytes bytes, const DecodeLimits& limits);
Decoded decode_bmp(Bytes bytes, const DecodeLimits& limits);
Decoded decode_pnm(Bytes bytes, const DecodeLimits& limits);
Decoded decode_tiff(Bytes bytes, const DecodeLimits& limits);
Decoded decode_webp(Bytes bytes, const DecodeLimits& limits);

}  // namespace fergraph::formats
