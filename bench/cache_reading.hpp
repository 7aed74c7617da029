// What the benchmarks of face caches share: a random order of faces, and the peer that reads it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace fergraph::bench {

constexpr std::size_t batch_size = 128;
constexpr int passes = 3;

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// All faces in a fixed random order, also as int64 in `file` for the peer.
inline std::vector<std::int64_t> random_order(std::int64_t faces, const std::filesystem::path& file) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(faces));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(11));
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(order.data()), static_cast<std::streamsize>(order.size() * sizeof order[0]));
  return order;
}

/// Faces/s of the best of several runs of a Python script; 0 where it does not run.
inline double peer_rate(const std::string& script, const std::string& cache, const std::string& order) {
  const std::string command =
      "/usr/bin/python3 '" + script + "' '" + cache + "' '" + order + "' " + std::to_string(batch_size);
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    FILE* output = popen(command.c_str(), "r");
    if (!output) return 0;
    double rate = 0;
    if (std::fscanf(output, "%lf", &rate) == 1) best = std::max(best, rate);
    if (pclose(output) != 0) return 0;
  }
  return best;
}

}  // namespace fergraph::bench
