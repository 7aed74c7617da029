// A file that appears under its name only when complete: written beside it as "<name>.partial", synced, then renamed.
// Internal to cache/. A process killed on the way leaves the partial file, which the next writer of that name
// overwrites.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace fergraph {

class PartialFile {
 public:
  /// Makes the empty partial file and locks it against other writers. Throws CacheError, as everything here does.
  explicit PartialFile(std::filesystem::path destination);
  /// Removes the partial file unless it was published.
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::filesystem::path& destination() const { return destination_; }
  const std::filesystem::path& path() const { return path_; }

  /// Of the partial file, open for reading and writing.
  int descriptor() const { return descriptor_; }

  /// Throws when the file system has fewer bytes free for this process.
  void require_free(std::uint64_t bytes) const;
  /// Makes the file at least this long with its blocks set aside, so that a full disk shows now and not hours later.
  /// Does nothing where the file system cannot.
  void reserve(std::uint64_t bytes);
  void write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes);
  /// Moves bytes within the file, as memmove does.
  void move_bytes(std::uint64_t from, std::uint64_t to, std::uint64_t count);
  /// Puts the file on the disk and under its name; what was there before is replaced.
  void publish();
  /// Gives the memory back in which the system keeps what was written, once that is on the disk.
  void drop_pages() const;

 private:
  void open_and_lock();
  [[noreturn]] void fail(const char* action, int error) const;

  std::filesystem::path destination_;
  std::filesystem::path path_;
  int descriptor_ = -1;
  long owner_ = 0;
  bool published_ = false;
};

}  // namespace fergraph
