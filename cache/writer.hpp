// Writes a face cache that is either complete under its name or not there at all, byte for byte the same for the same
// faces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "cache/error.hpp"
#include "cache/face.hpp"

namespace fergraph {

/// Calls the body with 0 to count - 1, in any order, by any threads, and returns when all calls have.
using ForEach = std::function<void(std::size_t count, const std::function<void(std::size_t)>& body)>;

/// Whether the system may keep a finished file in memory, for whoever reads it next. One of many files that are written
/// in turn is better dropped: when they have filled the memory, each page that is written first waits for an old one to
/// be thrown out.
enum class AfterFinish { keep_in_memory, drop_from_memory };

/// One writer per cache, used by one thread at a time. Faces keep the order they are appended in, which should not
/// depend on chance where the same bytes are wanted again. Until finish() everything is in "<path>.partial"; destroyed
/// before that, the writer removes it. After a failure to write, finish() refuses.
class FaceCacheWriter {
 public:
  /// `expected_faces` is how many faces may come: their space is checked and set aside now, so that a full disk stops
  /// the work before it begins. Fewer faces give a smaller file, more make it grow.
  /// Faces that are kept as JPEGs are encoded some dozens at a time, in append() and finish(), by `for_each`: one after
  /// the other where it is empty. The bytes are the same however it is done.
  /// Throws CacheError when the path cannot be written, the space is missing, or another writer is at work on the path.
  FaceCacheWriter(const std::filesystem::path& path, FaceShape shape, std::int64_t expected_faces,
                  Provenance provenance, FaceEncoding encoding = {}, ForEach for_each = {});
  ~FaceCacheWriter();
  FaceCacheWriter(FaceCacheWriter&&) noexcept;
  FaceCacheWriter& operator=(FaceCacheWriter&&) noexcept;

  /// Throws CacheError for a face of another size, an unknown label, text with a zero byte, or a failure to write.
  void append(const Face& face);
  void append_void(const MissingFace& sample);

  /// Faces appended so far.
  std::int64_t size() const;

  /// Writes the tables, puts the file on the disk and under its name, replacing an older cache. Throws CacheError, with
  /// the older cache untouched, when that fails.
  void finish(AfterFinish after = AfterFinish::keep_in_memory);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bytes that faces of this shape are expected to take in a cache, on average.
std::size_t expected_bytes(FaceShape shape, const FaceEncoding& encoding);

}  // namespace fergraph
