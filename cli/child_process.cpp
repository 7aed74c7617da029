#include "cli/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "graph/problem.hpp"

namespace fergraph {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string name_of(const std::string& variable) { return variable.substr(0, variable.find('=') + 1); }

std::vector<std::string> environment_with(const std::vector<std::string>& more) {
  std::vector<std::string> all = more;
  for (char** each = environ; *each; ++each) {
    const std::string variable = *each;
    if (std::none_of(more.begin(), more.end(),
                     [&](const std::string& other) { return name_of(other) == name_of(variable); }))
      all.push_back(variable);
  }
  return all;
}

}  // namespace

bool was_interrupted(const ChildEnd& end, bool stop_requested) {
  return end.code == 130 || (stop_requested && (end.signal == SIGINT || end.signal == SIGTERM));
}

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log, int kept,
                           const std::vector<std::string>& environment) {
  // Everything is made before the fork: between it and exec, other threads may hold the allocator's lock.
  std::vector<std::string> words = {"/proc/self/exe"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_with(environment);
  const std::vector<char*> argument_pointers = pointers_to(words);
  const std::vector<char*> variable_pointers = pointers_to(variables);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0)
    throw RunError("The log '" + log.string() + "' could not be opened: " + std::strerror(errno) +
                   ". Check the folder and the free space.");
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(130);  // it ended before it could be watched
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    if (kept >= 0) ::fcntl(kept, F_SETFD, 0);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) ::signal(signal, SIG_DFL);
    ::execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
    ::_exit(127);
  }
  const int error = errno;
  ::close(output);
  if (process_ < 0)
    throw RunError(std::string("No process could be started: ") + std::strerror(error) +
                   ". Use fewer --jobs, or end other programs.");
}

ChildProcess::~ChildProcess() {
  if (end_ || process_ <= 0) return;
  ::kill(process_, SIGTERM);
  ::waitpid(process_, nullptr, 0);
}

std::optional<ChildEnd> ChildProcess::ended() {
  int status = 0;
  if (!end_ && ::waitpid(process_, &status, WNOHANG) == process_) {
    end_ = ChildEnd{};
    if (WIFEXITED(status)) end_->code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end_->signal = WTERMSIG(status);
  }
  return end_;
}

void ChildProcess::interrupt() {
  if (!end_) ::kill(process_, SIGINT);
}

}  // namespace fergraph
