// The real program as a child process, in a folder of the test's own.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/program.hpp"
#include "tests/scratch_folder.hpp"

namespace fergraph::test {

inline const std::filesystem::path source_folder = FERGRAPH_SOURCE_DIR;
inline const std::string pipelines = (source_folder / "pipelines").string();

struct Outcome {
  int code = -1;   // the exit code; -1 where a signal ended it
  int signal = 0;  // the signal that ended it
  std::string out;
  std::string err;
};

/// Runs `fergraph ARGUMENTS` with `folder` as the working directory.
class Child {
 public:
  /// Executing the program loads LibTorch again, which takes most of a short command's time. A fork of this process
  /// has it and calls the program's main function.
  enum class Start { executed, forked };

  Child(const std::filesystem::path& folder, const std::vector<std::string>& arguments, rlim_t largest_file = 0,
        Start start = Start::executed)
      : out_(folder / ".child.out"), err_(folder / ".child.err") {
    std::vector<std::string> words = {FERGRAPH_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const std::string out = out_.string();
    const std::string err = err_.string();
    std::fflush(nullptr);  // or a fork writes it again
    process_ = ::fork();
    if (process_ != 0) return;
    const int out_file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int err_file = ::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out_file, STDOUT_FILENO);
    ::dup2(err_file, STDERR_FILENO);
    if (largest_file > 0) {
      const rlimit limit{largest_file, largest_file};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    // The test runner's own signal handling must not reach the program.
    for (const int signal : {SIGINT, SIGTERM, SIGXFSZ, SIGPIPE, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGCHLD})
      ::signal(signal, SIG_DFL);
    // Many such programs run beside each other here.
    ::setenv("OMP_WAIT_POLICY", "passive", 1);
    int code = 99;
    if (::chdir(folder.c_str()) != 0) ::_exit(code);
    if (start == Start::executed)
      ::execv(FERGRAPH_PROGRAM, pointers.data());
    else
      code = run_program(static_cast<int>(words.size()), pointers.data());
    std::fflush(nullptr);
    ::_exit(code);
  }
  ~Child() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void send(int signal) const { ::kill(process_, signal); }

  /// Polls until the condition holds; false where the program ended or a minute went by before.
  template <class Condition>
  bool until(const Condition& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (std::chrono::steady_clock::now() < end) {
      if (holds()) return true;
      if (!status_ && ::waitpid(process_, &ended_, WNOHANG) == process_) {
        status_ = ended_;
        process_ = 0;
        return holds();
      }
      if (status_) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return false;
  }

  Outcome wait() {
    if (!status_) {
      ::waitpid(process_, &ended_, 0);
      status_ = ended_;
      process_ = 0;
    }
    Outcome outcome;
    if (WIFEXITED(*status_)) outcome.code = WEXITSTATUS(*status_);
    if (WIFSIGNALED(*status_)) outcome.signal = WTERMSIG(*status_);
    outcome.out = text_of(out_);
    outcome.err = text_of(err_);
    return outcome;
  }

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t process_ = 0;
  int ended_ = 0;
  std::optional<int> status_;
};

/// A fork takes no threads along, so there must be none; and a sweep executes its own program.
inline Child::Start quickest_start(const std::vector<std::string>& arguments) {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  const bool is_sweep = std::find(arguments.begin(), arguments.end(), "sweep") != arguments.end();
  return std::distance(begin(threads), end(threads)) == 1 && !is_sweep ? Child::Start::forked : Child::Start::executed;
}

inline Outcome run(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                   rlim_t largest_file = 0) {
  Child child(folder, arguments, largest_file, quickest_start(arguments));
  Outcome outcome = child.wait();
  // Messages name shipped files by where the repository lies.
  for (std::string* text : {&outcome.out, &outcome.err})
    for (std::size_t at = text->find(pipelines); at != std::string::npos; at = text->find(pipelines))
      text->replace(at, pipelines.size(), "pipelines");
  BOOST_TEST_MESSAGE("exit " << outcome.code << "\n" << outcome.out << outcome.err);
  return outcome;
}

inline bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) BOOST_TEST_MESSAGE("'" << part << "' is not in:\n" << text);
  return found;
}

}  // namespace fergraph::test
