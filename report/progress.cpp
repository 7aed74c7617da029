#include "report/progress.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "report/run_directory.hpp"

namespace fergraph {

using namespace std::chrono_literals;

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) != 0) {}
Progress::~Progress() { clear(); }

bool Progress::due() const { return !quiet_ && Clock::now() - last_ >= (terminal_ ? 200ms : 10'000ms); }

void Progress::restart() {
  first_ = -1;
  last_ = Clock::now();
}

void Progress::clear() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

void Progress::update(const std::string& title, std::int64_t done, std::int64_t total, const std::string& unit,
                      const std::string& more) {
  if (first_ < 0) {
    first_ = done;
    begin_ = Clock::now();
  }
  if (!due()) return;
  last_ = Clock::now();
  const double seconds = std::chrono::duration<double>(last_ - begin_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - first_) / seconds : 0;
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%s  %lld/%lld %s", title.c_str(), static_cast<long long>(done),
                static_cast<long long>(total), unit.c_str());
  std::string out = text.data();
  if (rate > 0) {
    std::snprintf(text.data(), text.size(), rate < 10 ? "  %.2f/s" : "  %.0f/s", rate);
    out += text.data();
    out += "  " + readable_seconds(static_cast<double>(total - done) / rate) + " left";
  }
  if (!more.empty()) out += "  " + more;
  if (terminal_) {
    std::fprintf(stderr, "\r\x1b[K%s", out.c_str());
    shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", out.c_str());
  }
  std::fflush(stderr);
}

void Progress::warning(const std::string& text) {
  clear();
  std::fprintf(stderr, "warning: %s\n", text.c_str());
}

void Progress::line(const std::string& text) {
  if (quiet_) return;
  clear();
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace fergraph
