// Runs many numbered cases in a child process, so that the one that crashes it, or never ends, is known by its number
// and the others run all the same.
#pragma once

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace fergraph::faults {

/// A case that ended its process.
struct DeadCase {
  std::int64_t number = 0;
  std::string end;  ///< "signal 11", "it took longer than 20 s", "exit code 1"
};

/// Calls run(number, counts) for the numbers from `first` to before `end`, one after the other, in a child process;
/// where that dies, another child goes on with the next number. `counts` is what all of them share. After twenty deaths
/// the rest is left.
template <class Counts, class Run>
std::vector<DeadCase> watch_cases(std::int64_t first, std::int64_t end, int seconds_per_case, Counts& counts,
                                  const Run& run) {
  static_assert(std::is_trivially_copyable_v<Counts>, "Counts lie in memory that processes share.");
  struct Shared {
    std::int64_t number;
    Counts counts;
  };
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("There is no memory to share with a child process.");
  Shared* shared = new (memory) Shared{first, counts};
  std::vector<DeadCase> dead;
  constexpr std::size_t most_deaths = 20;
  while (shared->number < end && dead.size() < most_deaths) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("No child process can be made.");
    if (child == 0) {
      std::signal(SIGALRM, SIG_DFL);
      for (; shared->number < end; ++shared->number) {
        const itimerval limit{{0, 0}, {seconds_per_case, 0}};
        setitimer(ITIMER_REAL, &limit, nullptr);
        run(shared->number, shared->counts);
      }
      // Libraries that have seen damaged files may complain when they are taken down.
      std::_Exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    const bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    dead.push_back({shared->number, late ? "it took longer than " + std::to_string(seconds_per_case) + " s"
                                    : WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                                          : "exit code " + std::to_string(WEXITSTATUS(status))});
    ++shared->number;
  }
  counts = shared->counts;
  munmap(memory, sizeof(Shared));
  return dead;
}

}  // namespace fergraph::faults
