// What the benchmarks of face caches share: a random order of faces, the peer that reads it, and a scratch folder.
#pragma once

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
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

/// Runs `body` with a folder of its own under `parent`, removed at the end; returns its exit status.
inline int in_scratch_folder(const std::filesystem::path& parent,
                             const std::function<int(const std::filesystem::path&)>& body) {
  std::string folder = (parent / "fergraph-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) {
    std::cerr << "Nothing can be written in '" << parent.string() << "': give another folder.\n";
    return 2;
  }
  int result = 1;
  try {
    result = body(folder);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  std::filesystem::remove_all(folder);
  return result;
}

}  // namespace fergraph::bench
