// Random reads of 112x112 faces from a face cache, each copied into a batch as a trainer does, against h5py reading the
// same faces of the same file in the same order. Prints faces/s of the best of several passes and the ratio to h5py.
//
//   bench_cache_reads [faces=20000] [peer=bench/peers/cache_reads.py] [folder=the system's temporary folder]
//
// The file is in the page cache: what is measured is the reader, not the disk.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "bench/cache_reading.hpp"
#include "bench/scratch_folder.hpp"
#include "cache/reader.hpp"
#include "cache/writer.hpp"

namespace {

using namespace fergraph::bench;
using fergraph::FaceCache;
constexpr fergraph::FaceShape shape{112, 112};

double write_cache(const std::filesystem::path& path, std::int64_t faces) {
  std::mt19937_64 random(7);
  std::vector<std::uint8_t> noise(shape.bytes() + 4096);
  for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
  const auto start = std::chrono::steady_clock::now();
  fergraph::FaceCacheWriter writer(path, shape, faces, {{"face"}, "bench\n", "{}", fergraph::make_fingerprint({})});
  for (std::int64_t i = 0; i < faces; ++i)
    writer.append({std::span(noise).subspan(static_cast<std::size_t>(i) % 4096, shape.bytes()), i,
                   std::to_string(i) + ".jpg", "train", 0});
  writer.finish();
  return static_cast<double>(faces) / seconds_since(start);
}

template <typename Read>
double faces_per_second(const std::vector<std::int64_t>& order, std::size_t threads, Read read) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> readers;
  for (std::size_t t = 0; t < threads; ++t)
    readers.emplace_back([&, t] {
      std::vector<std::uint8_t> batch(batch_size * shape.bytes());
      std::size_t slot = 0;
      for (std::size_t i = t; i < order.size(); i += threads, slot = (slot + 1) % batch_size)
        std::memcpy(batch.data() + slot * shape.bytes(), read(order[i]).data(), shape.bytes());
    });
  for (auto& reader : readers) reader.join();
  return static_cast<double>(order.size()) / seconds_since(start);
}

struct Rates {
  double first;  ///< the pass that meets unmapped pages and unchecked faces
  double best;
};

template <typename Make>
Rates measure(const char* what, const std::vector<std::int64_t>& order, std::size_t threads, Make make_read,
              const std::filesystem::path& path) {
  const FaceCache cache(path);
  const auto read = make_read(cache);
  Rates rates{faces_per_second(order, threads, read), 0};
  rates.best = rates.first;
  for (int pass = 1; pass < passes; ++pass) rates.best = std::max(rates.best, faces_per_second(order, threads, read));
  std::cout << what << ", " << threads << " thread(s): " << static_cast<long>(rates.best) << " faces/s ("
            << static_cast<long>(rates.first) << " in the first pass)" << std::endl;
  return rates;
}

int run(std::int64_t faces, const std::string& script, const std::filesystem::path& folder) {
  const auto path = folder / "faces.h5";
  const auto order_path = folder / "order.bin";
  std::cout << "written: " << static_cast<long>(write_cache(path, faces)) << " faces/s, "
            << std::filesystem::file_size(path) / 1000000 << " MB" << std::endl;
  const std::vector<std::int64_t> order = random_order(faces, order_path);

  const auto plain = [](const FaceCache& cache) { return [&cache](std::int64_t i) { return cache.stored(i); }; };
  const auto checked = [](const FaceCache& cache) { return [&cache](std::int64_t i) { return cache.read(i, {}); }; };
  const Rates one = measure("stored", order, 1, plain, path);
  measure("stored", order, 2, plain, path);
  const Rates one_checked = measure("read", order, 1, checked, path);
  measure("read", order, 2, checked, path);

  const double peer = peer_rate(script, path.string(), order_path.string());
  if (peer <= 0) {
    std::cerr << "The peer did not run: install python3-h5py and give the path of cache_reads.py.\n";
    return 1;
  }
  std::cout << "h5py, best of two ways, 1 thread: " << static_cast<long>(peer) << " faces/s\n"
            << "ratio to h5py on one thread: stored " << one.best / peer << " (first pass " << one.first / peer
            << "), read " << one_checked.best / peer << " (first pass " << one_checked.first / peer << ")\n";
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::int64_t faces = count > 1 ? std::atoll(arguments[1]) : 20000;
  const std::string script = count > 2 ? arguments[2] : "bench/peers/cache_reads.py";
  if (faces < 1) {
    std::cerr << "Give a number of faces of at least 1.\n";
    return 2;
  }
  return in_scratch_folder(count > 3 ? arguments[3] : std::filesystem::temp_directory_path(),
                           [&](const auto& folder) { return run(faces, script, folder); });
}
