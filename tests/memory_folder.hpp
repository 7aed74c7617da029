// A folder in memory, for readers that take paths and no bytes: what thousands of tries would do to a disk.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>

namespace fergraph::test {

/// A folder in memory (where the system has one), removed with what is in it.
class MemoryFolder {
 public:
  MemoryFolder() {
    std::error_code ignored;
    const std::filesystem::path shared = "/dev/shm";
    std::string name =
        ((std::filesystem::is_directory(shared, ignored) ? shared : std::filesystem::temp_directory_path()) /
         "fergraph-fault-XXXXXX")
            .string();
    if (!mkdtemp(name.data())) throw std::runtime_error("There is no room for a folder in memory.");
    path_ = name;
  }
  ~MemoryFolder() {
    std::error_code ignored;
    // A child process that ends has a copy of this object, and the folder is not the child's to remove.
    if (owner_ == getpid()) std::filesystem::remove_all(path_, ignored);
  }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// A new file, in place of one that has the name: libraries may remember the old one by its inode.
  std::filesystem::path write(const std::string& name, std::span<const char> bytes) const {
    const std::filesystem::path file = path_ / name;
    std::error_code ignored;
    if (!std::filesystem::remove(file, ignored)) std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!out.flush()) throw std::runtime_error("There is no room for '" + file.string() + "'.");
    return file;
  }

 private:
  std::filesystem::path path_;
  pid_t owner_ = getpid();
};

}  // namespace fergraph::test
