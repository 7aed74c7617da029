#include "cli/sweep_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cctype>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "graph/problem.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

constexpr const char* lock_name = "sweep.lock";
constexpr const char* mark_name = "sweep.json";
constexpr const char* log_name = "log.txt";

// The lock of a run that no sweep started, or of a child that has outlived its sweep.
bool is_locked(const std::filesystem::path& file) {
  const int lock = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return false;
  const bool taken = ::flock(lock, LOCK_EX | LOCK_NB) != 0;
  ::close(lock);
  return taken;
}

}  // namespace

std::string state_name(RunState state) {
  switch (state) {
    case RunState::missing:
      return "missing";
    case RunState::interrupted:
      return "interrupted";
    case RunState::failed:
      return "failed";
    case RunState::running:
      return "running";
    case RunState::finished:
      return "finished";
  }
  return {};
}

std::optional<RunMark> read_mark(const std::filesystem::path& run_directory) {
  std::ifstream in(run_directory / mark_name);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  RunMark mark;
  const std::string state = json.value("state", "");
  for (const RunState each : {RunState::interrupted, RunState::failed, RunState::finished})
    if (state == state_name(each)) mark.state = each;
  if (mark.state == RunState::missing) return std::nullopt;
  mark.attempts = json.value("attempts", 1);
  mark.seconds = json.value("seconds", 0.0);
  mark.resumed = json.value("resumed", false);
  mark.cause = json.value("cause", "");
  return mark;
}

void write_mark(const std::filesystem::path& run_directory, const RunMark& mark) {
  const nlohmann::ordered_json json = {{"format", 1},
                                       {"state", state_name(mark.state)},
                                       {"attempts", mark.attempts},
                                       {"seconds", mark.seconds},
                                       {"resumed", mark.resumed},
                                       {"cause", mark.cause}};
  write_whole(run_directory / mark_name, json.dump(2) + "\n");
}

RunState state_of(const std::filesystem::path& run_directory) {
  if (is_locked(run_directory / lock_name) || is_locked(run_directory / "run.lock")) return RunState::running;
  return left_state(run_directory);
}

RunState left_state(const std::filesystem::path& run_directory) {
  if (!std::filesystem::exists(run_directory / "pipeline.yaml")) {
    const auto mark = read_mark(run_directory);
    return mark && mark->state == RunState::failed ? RunState::failed : RunState::missing;
  }
  const auto mark = read_mark(run_directory);
  return mark ? mark->state : RunState::interrupted;
}

bool has_checkpoint(const std::filesystem::path& run_directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(run_directory / "checkpoints", ignored))
    if (entry.path().extension() == ".safetensors" &&
        std::isdigit(static_cast<unsigned char>(entry.path().filename().string().front())))
      return true;
  return false;
}

void clear_run(const std::filesystem::path& run_directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(run_directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != lock_name && name != log_name && name != mark_name) std::filesystem::remove_all(entry.path(), ignored);
  }
}

std::optional<RunClaim> RunClaim::take(const std::filesystem::path& run_directory) {
  std::error_code error;
  std::filesystem::create_directories(run_directory, error);
  const int lock = ::open((run_directory / lock_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0)
    throw RunError("The run directory '" + run_directory.string() + "' cannot be written: " + std::strerror(errno) +
                   ". Choose another folder with --out.");
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return std::nullopt;
  }
  return RunClaim(lock);
}

RunClaim::RunClaim(RunClaim&& other) noexcept : lock_(std::exchange(other.lock_, -1)) {}

RunClaim& RunClaim::operator=(RunClaim&& other) noexcept {
  std::swap(lock_, other.lock_);
  return *this;
}

RunClaim::~RunClaim() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace fergraph
