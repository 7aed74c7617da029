#include "report/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "cache/fingerprint.hpp"
#include "report/run_checkpoint.hpp"

namespace fergraph {
namespace {

// For names of folders.
std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &local);
  return text.data();
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw RunError("The run directory '" + path.string() + "' " + why);
}

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

// Makes the folder and says whether it was not there before: of several processes exactly one is told so.
bool make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (!path.parent_path().empty() && !std::filesystem::is_directory(path.parent_path()))
    refuse(path, "cannot be made: " + error.message() + ". Choose another with --out.");
  const bool made = std::filesystem::create_directory(path, error);
  if (error) refuse(path, "cannot be made: " + error.message() + ". Choose another with --out.");
  return made;
}

// The descriptor of the folder's lock file, locked.
int locked(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "run.lock";
  for (;;) {
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0)
      refuse(folder, "cannot be written: " + std::generic_category().message(errno) + ". Choose another with --out.");
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      ::close(lock);
      refuse(folder, "is in use by another run. Wait for it, or choose another directory with --out.");
    }
    // Between our opening and locking it, the run that held it may have removed the file: then it locks nothing.
    if (is_same_file(lock, file)) return lock;
    ::close(lock);
  }
}

}  // namespace

RunDirectory::RunDirectory(const std::filesystem::path& directory, const Pipeline& pipeline, std::uint64_t seed)
    : path_(directory) {
  if (path_.empty()) {
    const std::string fingerprint = hash_of_json(pipeline.text + std::to_string(seed)).substr(0, 8);
    const std::filesystem::path base =
        std::filesystem::path("runs") / pipeline.name / (timestamp() + "-" + fingerprint);
    path_ = base;
    // Runs that start within a second are told apart by a number.
    for (int i = 2; !make_folder(path_); ++i) path_ = base.string() + "." + std::to_string(i);
  } else {
    make_folder(path_);
  }
  lock_ = locked(path_);
  // What is left of another run would be taken for this one's.
  for (const char* part : {"pipeline.yaml", "metrics.jsonl", "checkpoints"}) {
    std::error_code ignored;
    if (part == std::string("checkpoints") ? !CheckpointFolder::has_any(path_ / part)
                                           : !std::filesystem::exists(path_ / part, ignored))
      continue;
    std::filesystem::remove(path_ / "run.lock", ignored);
    ::close(lock_);
    refuse(path_, (part == std::string("pipeline.yaml") ? "holds a run already"
                                                        : "holds '" + std::string(part) + "' of another run") +
                      ". Choose another with --out, or remove it.");
  }
}

RunDirectory::RunDirectory(const std::filesystem::path& existing) : path_(existing) {
  if (!std::filesystem::exists(path_ / "pipeline.yaml"))
    refuse(path_, "holds no run: it has no 'pipeline.yaml'. Check the path.");
  lock_ = locked(path_);
}

RunDirectory::~RunDirectory() {
  std::error_code ignored;
  std::filesystem::remove(path_ / "run.lock", ignored);
  ::close(lock_);
}

void RunDirectory::write_provenance(const Pipeline& pipeline, const RunIdentity& identity) const {
  write_whole(path_ / "pipeline.yaml", pipeline.text);
  write_whole(path_ / "provenance.json", provenance_text(pipeline, identity));
}

void RunDirectory::write_provenance(const Pipeline& pipeline, const RunIdentity& identity,
                                    std::int64_t iteration) const {
  write_whole(path_ / ("provenance-" + std::to_string(iteration) + ".json"), provenance_text(pipeline, identity));
}

std::string readable_bytes(double bytes) {
  const char* units[] = {"bytes", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit < 4) bytes /= 1000, ++unit;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit > 1 && bytes < 10 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
  return text.data();
}

std::string readable_seconds(double seconds) {
  std::array<char, 48> text{};
  const auto whole = static_cast<long>(seconds + 0.5);
  if (seconds < 60)
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  else if (seconds < 3600)
    std::snprintf(text.data(), text.size(), "%ld min %02ld s", whole / 60, whole % 60);
  else
    std::snprintf(text.data(), text.size(), "%ld h %02ld min", whole / 3600, whole / 60 % 60);
  return text.data();
}

void write_whole(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path partial = file.string() + ".partial";
  std::ofstream out(partial, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw RunError("'" + file.string() + "' could not be written. Check the folder and the free space.");
  }
  std::filesystem::rename(partial, file);
}

}  // namespace fergraph
