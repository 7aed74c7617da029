// A face's pixels as a JPEG and back. Internal to cache/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cache/face.hpp"

namespace fergraph {

/// The same bytes for the same pixels, libjpeg and quality (1 to 100), whichever thread makes them: baseline, libjpeg's
/// accurate integer DCT, Huffman codes made for the picture (a tenth fewer bytes than with those of the standard, for
/// two and a half times the work, which is done once). Colour is kept at full resolution (4:4:4) at every
/// quality: at the size of a face, halved colour smears the lips and the whites of the eyes, which expressions are told
/// by. `pixels` has shape.bytes() bytes.
std::vector<std::uint8_t> encode_jpeg(std::span<const std::uint8_t> pixels, FaceShape shape, int quality);

/// Decodes into the first shape.bytes() of `pixels` with the same DCT. Returns what is wrong, or nothing: a picture of
/// another size or kind than encode_jpeg() makes is refused before anything is set aside for it, and one that libjpeg
/// had to mend too.
std::string decode_jpeg(std::span<const std::uint8_t> bytes, FaceShape shape, std::span<std::uint8_t> pixels);

}  // namespace fergraph
