// The names and numbers of the file format: what an HDF5 file must hold to be a face cache.
#pragma once

#include <bit>
#include <cstdint>

namespace fergraph::cache_format {

// Tables are checksummed as they lie in memory and in the file: both little-endian.
static_assert(std::endian::native == std::endian::little);

inline constexpr const char* name = "fergraph face cache";
// Raw caches are written as version 1, which every fergraph reads; encoded faces came with version 2.
inline constexpr std::int64_t raw_version = 1;
inline constexpr std::int64_t encoded_version = 2;
inline constexpr int largest_side = 65535;

// Where the writer puts the first pixel before the HDF5 dataset around it exists. The file's alignment makes HDF5
// choose the same place for every cache of at least `alignment_threshold` bytes of pixels; smaller ones are moved.
inline constexpr std::uint64_t pixels_offset = 4096;
inline constexpr std::uint64_t alignment = 4096;
inline constexpr std::uint64_t alignment_threshold = 65536;

namespace dataset {
inline constexpr const char* images = "/images";
inline constexpr const char* encoded = "/encoded";  // instead of /images: all faces' JPEGs one behind the other
inline constexpr const char* offsets = "/offsets";  // with /encoded
inline constexpr const char* labels = "/labels";
inline constexpr const char* ids = "/ids";
inline constexpr const char* rows = "/rows";
inline constexpr const char* split = "/split";
inline constexpr const char* landmarks = "/landmarks";
inline constexpr const char* boxes = "/boxes";
inline constexpr const char* checksums = "/checksums";
inline constexpr const char* voids = "/voids";  // a group
inline constexpr const char* void_ids = "/voids/ids";
inline constexpr const char* void_rows = "/voids/rows";
inline constexpr const char* void_split = "/voids/split";
inline constexpr const char* void_labels = "/voids/labels";
inline constexpr const char* void_reasons = "/voids/reasons";
}  // namespace dataset

namespace attribute {  // of the root group
inline constexpr const char* format = "format";
inline constexpr const char* version = "format_version";
inline constexpr const char* class_names = "class_names";
inline constexpr const char* pipeline = "pipeline";
inline constexpr const char* versions = "versions";
inline constexpr const char* fingerprint = "fingerprint";
inline constexpr const char* fingerprint_of = "fingerprint_of";
inline constexpr const char* files = "files";
inline constexpr const char* codec = "codec";  // with /encoded, as are the next three
inline constexpr const char* quality = "quality";
inline constexpr const char* height = "height";
inline constexpr const char* width = "width";
inline constexpr const char* tables_checksum = "tables_checksum";
inline constexpr const char* sealed = "sealed";  // 1 where a seal stands behind the HDF5 file
}  // namespace attribute

}  // namespace fergraph::cache_format
