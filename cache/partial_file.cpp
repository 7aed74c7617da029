#include "cache/partial_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "cache/error.hpp"
#include "cache/write_failure.hpp"

namespace fergraph {

namespace {

constexpr std::uint64_t largest_move = std::uint64_t{4} << 20;

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path destination)
    : destination_(std::move(destination)), path_(destination_.string() + ".partial"), owner_(getpid()) {
  if (std::error_code ignored; destination_.filename().empty() || std::filesystem::is_directory(destination_, ignored))
    throw CacheError("The face cache '" + destination_.string() +
                     "' cannot be written because that is a folder: give the name of a file.");
  open_and_lock();
}

PartialFile::~PartialFile() {
  // A forked child has its own copy of this object, and the file is not the child's to remove.
  if (!published_ && owner_ == getpid()) unlink(path_.c_str());
  close(descriptor_);
}

void PartialFile::open_and_lock() {
  for (;;) {
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("it cannot be made", errno);
    // A lock of the open file: it ends with this process however that ends, and HDF5's own flock() does not meet it.
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (fcntl(descriptor_, F_OFD_SETLK, &whole) != 0) {
      const int error = errno;
      close(descriptor_);
      if (error == EAGAIN || error == EACCES)
        throw CacheError("The face cache '" + destination_.string() +
                         "' is being written by another process or writer: wait for it or give another name.");
      // Going on without the lock would let two writers mix their faces in one file, and both would call it complete.
      throw CacheError("The face cache '" + destination_.string() + "' was not written: its file system cannot lock '" +
                       path_.string() + "' against other writers (" + std::generic_category().message(error) +
                       "). Write the cache on a local disk and move it when it is complete.");
    }
    // Between our opening and locking it, another writer may have renamed or removed the file: then this is not it.
    if (is_same_file(descriptor_, path_)) break;
    close(descriptor_);
  }
  if (ftruncate(descriptor_, 0) != 0) {
    const int error = errno;
    close(descriptor_);
    fail("it cannot be emptied", error);
  }
}

void PartialFile::fail(const char* action, int error) const { throw write_failure(destination_, action, path_, error); }

void PartialFile::require_free(std::uint64_t bytes) const {
  struct statvfs system {};
  if (statvfs(folder_of(path_).c_str(), &system) != 0) return;  // Unknown is not full: reserve() will tell.
  const std::uint64_t available = std::uint64_t{system.f_bavail} * system.f_frsize;
  if (available < bytes)
    throw CacheError("The face cache '" + destination_.string() + "' needs " + std::to_string(bytes) +
                     " bytes and its disk has " + std::to_string(available) +
                     " available: free some space or write the cache elsewhere.");
}

void PartialFile::reserve(std::uint64_t bytes) {
  int result = 0;
  do {
    result = fallocate(descriptor_, 0, 0, static_cast<off_t>(bytes));
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno != EOPNOTSUPP && errno != ENOSYS) fail("its space cannot be set aside", errno);
}

void PartialFile::write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("it cannot be written", written < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void PartialFile::move_bytes(std::uint64_t from, std::uint64_t to, std::uint64_t count) {
  if (from == to) return;
  std::vector<std::uint8_t> piece(std::min(count, largest_move));
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t size = std::min(count - done, largest_move);
    // Towards the end of the file the last piece goes first, so that no piece is overwritten before its turn.
    const std::uint64_t start = to < from ? done : count - done - size;
    for (std::uint64_t got = 0; got < size;) {
      const ssize_t read = pread(descriptor_, piece.data() + got, size - got, static_cast<off_t>(from + start + got));
      if (read < 0 && errno == EINTR) continue;
      if (read <= 0) fail("it cannot be read back", read < 0 ? errno : EIO);
      got += static_cast<std::uint64_t>(read);
    }
    write_at(to + start, std::span(piece).first(size));
    done += size;
  }
}

void PartialFile::drop_pages() const { static_cast<void>(posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED)); }

void PartialFile::publish() {
  if (fsync(descriptor_) != 0) fail("it cannot be put on the disk", errno);
  if (rename(path_.c_str(), destination_.c_str()) != 0) fail("it cannot be renamed into place", errno);
  published_ = true;
  const int folder = open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Without this the new name may be lost with the power. Some file systems cannot sync a folder and say EINVAL.
  const int error = folder < 0 ? errno : fsync(folder) != 0 ? errno : 0;
  if (folder >= 0) close(folder);
  if (error != 0 && error != EINVAL && error != EACCES)
    throw CacheError("The face cache '" + destination_.string() + "' is complete, but its folder cannot be synced (" +
                     std::generic_category().message(error) + "): check the disk and make the cache again.");
}

}  // namespace fergraph
