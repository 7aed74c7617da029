// The seal of a cache file: what tells that any byte outside the faces has changed, even one that no reader looks at.
// Internal to cache/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cache/partial_file.hpp"

namespace fergraph {

/// The part of a file that its faces fill; each face has a checksum of its own.
struct FaceBytes {
  std::uint64_t begin = 0, count = 0;
};

/// Writes the seal behind the last byte of the file, where HDF5 looks at nothing: 24 bytes, which are a word, how long
/// the file was without them, and XXH3-64 of all bytes before them but the faces'.
void write_seal(PartialFile& file, const FaceBytes& faces);

/// What is wrong with the seal of an open file, or "".
std::string broken_seal(int descriptor, const FaceBytes& faces);

}  // namespace fergraph
