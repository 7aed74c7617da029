// Ctrl-C as a request to stop.
#pragma once

#include <stop_token>
#include <thread>

namespace fergraph {

/// While it lives, SIGINT and SIGTERM request the stop of its token; the second one ends the program at once, with 130.
class Interrupt {
 public:
  Interrupt();
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread watcher_;
};

}  // namespace fergraph
