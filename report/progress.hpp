// Progress for people: one moving line on a terminal, plain lines now and then elsewhere, nothing with --quiet.
#pragma once

#include <chrono>
#include <string>

namespace fergraph {

class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();

  /// `done` of `total`, what they are ("steps"), and more to show ("loss 1.23"). Rate and time left are worked out
  /// here.
  void update(const std::string& title, std::int64_t done, std::int64_t total, const std::string& unit,
              const std::string& more);
  /// Whether an update now would be shown: what is costly to make may be left out otherwise.
  bool due() const;
  /// A line that stays.
  void line(const std::string& text);
  /// A warning, which is shown with --quiet too.
  void warning(const std::string& text);
  /// Takes the moving line away, so that something else can be printed.
  void clear();
  /// Begins anew: rate and time left count from here.
  void restart();

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  std::int64_t first_ = -1;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_;
};

}  // namespace fergraph
