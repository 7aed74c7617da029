// What the benchmarks of photographs share: rates by the clock and by the processor, of ours and of a peer.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace fergraph::bench {

struct Rate {
  double a_second = 0;
  double milliseconds = 0;  ///< of the processor, each
};

inline Rate rate_of(std::size_t photographs, const std::function<void()>& body) {
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t worked = std::clock();
  body();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto count = static_cast<double>(photographs);
  return {count / seconds, 1e3 * static_cast<double>(std::clock() - worked) / CLOCKS_PER_SEC / count};
}

/// What a script of bench/peers says of itself: photographs a second and milliseconds of the processor. Zeros where it
/// did not run.
inline Rate rate_of_peer(const std::string& script, const std::string& arguments) {
  const char* const python = std::getenv("PYTHON");
  const std::string command = std::string(python ? python : "/usr/bin/python3") +
                              " '" FERGRAPH_SOURCE_DIR "/bench/peers/" + script + "' " + arguments;
  Rate rate;
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    if (std::fscanf(pipe, "%lf %lf", &rate.a_second, &rate.milliseconds) != 2) rate = {};
    ::pclose(pipe);
  }
  return rate;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

inline Rate median(const std::vector<Rate>& rates) {
  std::vector<double> a_second, milliseconds;
  for (const Rate& each : rates) {
    a_second.push_back(each.a_second);
    milliseconds.push_back(each.milliseconds);
  }
  return {median(a_second), median(milliseconds)};
}

}  // namespace fergraph::bench
