// This program itself as a child process, with its output in a file.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fergraph {

/// How a process ended.
struct ChildEnd {
  int code = -1;   // its exit code; -1 where a signal ended it
  int signal = 0;  // the signal that ended it
};

/// Whether a child of this program ended because it was asked to stop, not because something failed: it says so itself
/// (exit code 130), or it was still starting and the signal found nobody who listens. Where nobody asked
/// (`stop_requested` is false), a signal is a failure.
bool was_interrupted(const ChildEnd& end, bool stop_requested);

/// Runs `fergraph ARGUMENTS` (whatever program this process is) in a process group of its own, so that a Ctrl-C on the
/// terminal reaches it through its parent alone. It is asked to stop (SIGTERM) when the thread that started it ends,
/// however that comes about.
class ChildProcess {
 public:
  /// Standard output and error are added to `log`. `kept`: a descriptor that the child inherits, or -1; the lock that
  /// it holds lasts until both are gone. `environment`: "NAME=value", beside this process's own. Throws RunError where
  /// the log cannot be opened or no process started.
  ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log, int kept = -1,
               const std::vector<std::string>& environment = {});
  /// Asks it to stop and waits for it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Its end, as soon as it has one; does not wait.
  std::optional<ChildEnd> ended();
  /// Asks it to stop, as Ctrl-C does: it finishes its step and writes a checkpoint. A second time it stops at once.
  void interrupt();

 private:
  pid_t process_ = -1;
  std::optional<ChildEnd> end_;
};

}  // namespace fergraph
