// One file of a face cache: everything is validated when it is opened, then any number of threads read without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cache/error.hpp"
#include "cache/face.hpp"
#include "cache/mapped_bytes.hpp"
#include "cache/tables.hpp"

namespace fergraph {

/// An open file, which may be a whole cache or a shard of one. Const access is safe from any number of threads. `index`
/// is a face's place in the cache, 0 to size() - 1; every function that takes one throws CacheError beyond that. Spans
/// and string views live as long as the cache object. The file must not be cut short while it is open; replacing it by
/// renaming does no harm.
class FaceCacheFile {
 public:
  /// Throws CacheError when the file is not a whole face cache of this version. The tables are checked against their
  /// checksum; the pixels are not, see read() and verify().
  explicit FaceCacheFile(const std::filesystem::path& path);

  FaceCacheFile(const FaceCacheFile&) = delete;
  FaceCacheFile& operator=(const FaceCacheFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const { return static_cast<std::int64_t>(tables_.rows.size()); }
  FaceShape shape() const { return format_.shape; }
  const FaceEncoding& encoding() const { return format_.encoding; }
  const Provenance& provenance() const { return provenance_; }

  /// A face's bytes as they lie in the file, unchecked: its pixels, or the JPEG of them.
  std::span<const std::uint8_t> stored(std::int64_t index) const;
  /// The bytes that read() needs for its pixels: 0 of a raw cache, shape().bytes() of an encoded one.
  std::size_t buffer_size() const;
  /// height * width * 3 bytes of RGB: of a raw cache straight from the page cache, with `buffer` unused; else decoded
  /// into the beginning of `buffer`, which must have buffer_size() bytes. Checked against the face's checksum the first
  /// time this object hands it out. Throws CacheError, every time, for a damaged face.
  std::span<const std::uint8_t> read(std::int64_t index, std::span<std::uint8_t> buffer) const;
  /// Whether the face's bytes match its checksum and, of an encoded one, decode to its pixels.
  bool is_intact(std::int64_t index) const;
  /// Bytes of all faces as they lie in the file.
  std::uint64_t stored_bytes() const { return pixels_.bytes().size(); }

  std::span<const std::int64_t> labels() const { return tables_.labels; }
  std::span<const std::int64_t> rows() const { return tables_.rows; }
  std::int64_t label(std::int64_t index) const { return tables_.labels[checked(index)]; }
  std::int64_t row(std::int64_t index) const { return tables_.rows[checked(index)]; }
  std::string_view id(std::int64_t index) const { return tables_.ids.at(checked(index)); }
  std::string_view split(std::int64_t index) const { return tables_.splits.at(checked(index)); }
  std::optional<Landmarks> landmarks(std::int64_t index) const;
  std::optional<BoundingBox> box(std::int64_t index) const;

  /// The samples that gave no face, in the order they were appended.
  const std::vector<MissingFace>& voids() const { return voids_; }

  /// Reads every face and returns the indices of the damaged ones.
  std::vector<std::int64_t> verify() const;
  /// The message for a damaged face, as read() throws it.
  std::string damage_of(std::int64_t index) const;

 private:
  std::size_t checked(std::int64_t index) const {
    if (index < 0 || index >= size()) refuse(index);
    return static_cast<std::size_t>(index);
  }
  [[noreturn]] void refuse(std::int64_t index) const;
  void load();
  bool matches_checksum(std::size_t index) const;

  std::filesystem::path path_;
  PixelFormat format_;
  Provenance provenance_;
  CacheTables tables_;
  std::vector<MissingFace> voids_;
  MappedBytes pixels_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> known_intact_;  // one bit per face
};

/// What decided a cache file's pixels.
struct CacheStamp {
  Fingerprint fingerprint;
  std::string files;
};

/// The stamp of a cache file, without reading the rest of it. Throws CacheError as FaceCacheFile does, but checks no
/// more than that it is a face cache of this version.
CacheStamp read_stamp(const std::filesystem::path& path);

}  // namespace fergraph
