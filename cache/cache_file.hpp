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
  /// checksum; the pixels are not, see image_checked() and verify().
  explicit FaceCacheFile(const std::filesystem::path& path);

  FaceCacheFile(const FaceCacheFile&) = delete;
  FaceCacheFile& operator=(const FaceCacheFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const { return static_cast<std::int64_t>(tables_.rows.size()); }
  FaceShape shape() const { return shape_; }
  const Provenance& provenance() const { return provenance_; }

  /// height * width * 3 bytes of RGB, straight from the page cache.
  std::span<const std::uint8_t> image(std::int64_t index) const;
  /// The same, checked against the face's checksum the first time this object hands it out. Throws CacheError, every
  /// time, for a damaged face.
  std::span<const std::uint8_t> image_checked(std::int64_t index) const;

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

 private:
  std::size_t checked(std::int64_t index) const {
    if (index < 0 || index >= size()) refuse(index);
    return static_cast<std::size_t>(index);
  }
  [[noreturn]] void refuse(std::int64_t index) const;
  void load();
  bool is_intact(std::size_t index) const;

  std::filesystem::path path_;
  FaceShape shape_;
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
