// What keeping faces as JPEGs costs and saves: bytes, writing, and random reads, against the raw cache of the same
// faces and against h5py with Pillow decoding the same JPEGs.
//
//   bench_cache_codecs CACHE.h5 [faces=2000] [peer=bench/peers/cache_codecs.py] [folder=the system's temporary folder]
//
// CACHE.h5 is a raw cache of faces of one's own (fergraph run pipelines/faces/…): made-up pictures would say little
// about sizes. Files are in the page cache: what is measured is the codec, not the disk.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "bench/cache_reading.hpp"
#include "bench/scratch_folder.hpp"
#include "cache/reader.hpp"
#include "cache/writer.hpp"

namespace {

using namespace fergraph;
using namespace fergraph::bench;

void on_two_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  };
  std::thread other(work);
  work();
  other.join();
}

// Faces/s of the best of several passes.
double write(const FaceCache& faces, std::int64_t count, const std::filesystem::path& path, FaceEncoding encoding,
             const ForEach& for_each) {
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    FaceCacheWriter writer(path, faces.shape(), count, {{"face"}, "bench\n", "{}", make_fingerprint({})}, encoding,
                           for_each);
    for (std::int64_t i = 0; i < count; ++i)
      writer.append({faces.read(i % faces.size(), {}), i, std::to_string(i) + ".jpg", "train", 0});
    writer.finish();
    best = std::max(best, static_cast<double>(count) / seconds_since(start));
  }
  return best;
}

double read(const FaceCache& cache, const std::vector<std::int64_t>& order, std::size_t threads) {
  double best = 0;
  for (int pass = 0; pass < passes; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> readers;
    for (std::size_t t = 0; t < threads; ++t)
      readers.emplace_back([&, t] {
        const std::size_t face = cache.shape().bytes();
        std::vector<std::uint8_t> batch(batch_size * face);
        std::size_t slot = 0;
        for (std::size_t i = t; i < order.size(); i += threads, slot = (slot + 1) % batch_size) {
          std::uint8_t* place = batch.data() + slot * face;
          const auto pixels = cache.read(order[i], {place, face});
          if (pixels.data() != place) std::memcpy(place, pixels.data(), face);
        }
      });
    for (auto& reader : readers) reader.join();
    best = std::max(best, static_cast<double>(order.size()) / seconds_since(start));
  }
  return best;
}

// In dB, over all faces.
double psnr(const FaceCache& first, const FaceCache& second) {
  double squares = 0;
  std::vector<std::uint8_t> buffer(second.buffer_size());
  for (std::int64_t i = 0; i < second.size(); ++i) {
    const auto a = first.read(i % first.size(), {}), b = second.read(i, buffer);
    for (std::size_t p = 0; p < a.size(); ++p) squares += (double{1} * a[p] - b[p]) * (double{1} * a[p] - b[p]);
  }
  const double mean = squares / static_cast<double>(second.size()) / static_cast<double>(first.shape().bytes());
  return mean == 0 ? INFINITY : 10 * std::log10(255.0 * 255.0 / mean);
}

int run(const std::filesystem::path& source, std::int64_t faces, const std::string& script,
        const std::filesystem::path& folder) {
  const FaceCache cache(source);
  if (cache.size() == 0 || cache.encoding().codec != FaceCodec::raw) {
    std::cerr << "'" << source.string() << "' is not a raw cache with faces in it: give one that is.\n";
    return 2;
  }
  const auto path = folder / "faces.h5", order_path = folder / "order.bin";
  const std::vector<std::int64_t> order = random_order(faces, order_path);

  std::printf("%lld faces of %dx%d\n%-22s %12s %6s %7s %10s %10s %10s %10s %14s\n", static_cast<long long>(faces),
              cache.shape().width, cache.shape().height, "", "bytes/face", "of raw", "PSNR", "write/s", "2 threads",
              "read/s", "2 threads", "h5py + Pillow");
  const double raw_bytes = static_cast<double>(cache.shape().bytes());
  for (const FaceEncoding& encoding : {FaceEncoding{},
                                       FaceEncoding{FaceCodec::jpeg, 75},
                                       {FaceCodec::jpeg, 90},
                                       {FaceCodec::jpeg, 95},
                                       {FaceCodec::jpeg, 100}}) {
    const double written = write(cache, faces, path, encoding, {});
    const double written_by_two = write(cache, faces, path, encoding, on_two_threads);
    const FaceCache copy(path);
    const double bytes = static_cast<double>(copy.files().front()->stored_bytes()) / static_cast<double>(faces);
    const double peer = encoding.codec == FaceCodec::raw ? 0 : peer_rate(script, path.string(), order_path.string());
    std::printf("%-22s %12.0f %5.1f%% %7.2f %10.0f %10.0f %10.0f %10.0f %14.0f\n", encoding.text().c_str(), bytes,
                100 * bytes / raw_bytes, psnr(cache, copy), written, written_by_two, read(copy, order, 1),
                read(copy, order, 2), peer);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::int64_t faces = count > 2 ? std::atoll(arguments[2]) : 2000;
  const std::string script = count > 3 ? arguments[3] : "bench/peers/cache_codecs.py";
  if (count < 2) {
    // `./dev bench` runs all benchmarks without arguments.
    std::cout << "Needs a raw cache of faces of your own: bench_cache_codecs faces.h5\n";
    return 0;
  }
  if (faces < 1) {
    std::cerr << "Give a number of faces of at least 1.\n";
    return 2;
  }
  return in_scratch_folder(count > 4 ? arguments[4] : std::filesystem::temp_directory_path(),
                           [&](const auto& folder) { return run(arguments[1], faces, script, folder); });
}
