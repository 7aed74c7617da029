#include "cli/interrupt.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace fergraph {
namespace {

// A signal may only set a flag; a thread turns it into the stop that the run listens to.
std::atomic<int> interrupts{0};

}  // namespace

Interrupt::Interrupt()
    : watcher_([this](const std::stop_token& ended) {
        while (!ended.stop_requested()) {
          if (interrupts > 0) source_.request_stop();
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
      }) {
  const auto note = [](int) {
    // The second Ctrl-C means it: no waiting for the step.
    if (interrupts.fetch_add(1) > 0) std::_Exit(130);
  };
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

}  // namespace fergraph
