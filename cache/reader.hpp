// A face cache, whether one file or a folder of shards, read as one list of faces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cache/cache_file.hpp"

namespace fergraph {

/// Where a face of a cache stands: in which of its files, and which face of that.
struct FacePlace {
  std::size_t file = 0;
  std::int64_t index = 0;
};

/// An open cache. Const access is safe from any number of threads. `index` is a face's place in the cache, 0 to
/// size() - 1; every function that takes one throws CacheError beyond that. Spans and string views live as long as the
/// cache object. Its files must not be cut short while it is open; replacing them by renaming does no harm.
class FaceCache {
 public:
  /// Throws CacheError when the path is neither a whole cache file of this version nor a folder with all shards of one,
  /// or the shards do not fit together: other faces, or made with other settings. The tables are checked against their
  /// checksums; the pixels are not, see read() and verify().
  explicit FaceCache(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const { return first_.back(); }
  FaceShape shape() const { return shape_; }
  const FaceEncoding& encoding() const { return encoding_; }
  /// Of shards: what they have in common, with a fingerprint over theirs.
  const Provenance& provenance() const { return provenance_; }
  const std::vector<std::unique_ptr<FaceCacheFile>>& files() const { return files_; }
  FacePlace place_of(std::int64_t index) const {
    if (files_.size() == 1) return {0, index};
    const std::size_t file = file_of(index);
    return {file, index - first_[file]};
  }

  /// A face's bytes as they lie in its file, unchecked: its pixels, or the JPEG of them.
  std::span<const std::uint8_t> stored(std::int64_t index) const { return of(index, &FaceCacheFile::stored); }
  /// The bytes that read() needs for its pixels: 0 of a raw cache, shape().bytes() of an encoded one.
  std::size_t buffer_size() const { return encoding_.codec == FaceCodec::raw ? 0 : shape_.bytes(); }
  /// height * width * 3 bytes of RGB: of a raw cache straight from the page cache, with `buffer` unused; else decoded
  /// into the beginning of `buffer`, which must have buffer_size() bytes. Checked against the face's checksum the first
  /// time this object hands it out. Throws CacheError, every time, for a damaged face.
  std::span<const std::uint8_t> read(std::int64_t index, std::span<std::uint8_t> buffer) const {
    const FacePlace place = place_of(index);
    return files_[place.file]->read(place.index, buffer);
  }

  std::span<const std::int64_t> labels() const { return labels_; }
  std::span<const std::int64_t> rows() const { return rows_; }
  std::int64_t label(std::int64_t index) const { return of(index, &FaceCacheFile::label); }
  std::int64_t row(std::int64_t index) const { return of(index, &FaceCacheFile::row); }
  std::string_view id(std::int64_t index) const { return of(index, &FaceCacheFile::id); }
  std::string_view split(std::int64_t index) const { return of(index, &FaceCacheFile::split); }
  std::optional<Landmarks> landmarks(std::int64_t index) const { return of(index, &FaceCacheFile::landmarks); }
  std::optional<BoundingBox> box(std::int64_t index) const { return of(index, &FaceCacheFile::box); }

  /// The samples that gave no face, in the order they were appended.
  const std::vector<MissingFace>& voids() const { return voids_; }

  /// Reads every face and returns the indices of the damaged ones.
  std::vector<std::int64_t> verify() const;

 private:
  template <class Value>
  Value of(std::int64_t index, Value (FaceCacheFile::*get)(std::int64_t) const) const {
    const FacePlace place = place_of(index);
    return (*files_[place.file].*get)(place.index);
  }
  std::size_t file_of(std::int64_t index) const;
  void join();

  std::filesystem::path path_;
  std::vector<std::unique_ptr<FaceCacheFile>> files_;
  std::vector<std::int64_t> first_;  // each file's first face, and at the end their number
  FaceShape shape_;
  FaceEncoding encoding_;
  Provenance provenance_;
  std::vector<std::int64_t> labels_;
  std::vector<std::int64_t> rows_;
  std::vector<MissingFace> voids_;
};

}  // namespace fergraph
