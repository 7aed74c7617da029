// Views a second, weak, weak and strong of Ada-CM, through a stream from the face cache into batches of 16, against
// torchvision and Pillow in a DataLoader (bench/peers/views.py): both with two workers, on the same faces, in turns.
// Beside views/s stand views per second of processor time, which a busy machine disturbs less.
//
//   bench_views [seconds=5] [peer=bench/peers/views.py] [folder=the system's temporary folder]
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "bench/scratch_folder.hpp"
#include "cache/writer.hpp"
#include "graph/run.hpp"
#include "nodes/register.hpp"
#include "nodes/values.hpp"

namespace {

using namespace fergraph;

constexpr int threads = 2;
constexpr int batch_size = 16;
constexpr std::int64_t faces = 512;
constexpr int turns = 3;

// Rings, a slope and noise: histograms and edges like those of photographs, more than flat ones.
std::vector<std::uint8_t> drawn_faces(int side) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(faces * side * side * 3));
  for (std::int64_t face = 0; face < faces; ++face) {
    Random random(1, 2, static_cast<std::uint64_t>(face));
    const double x0 = random.uniform(0, side), y0 = random.uniform(0, side), pace = random.uniform(5, 40) / side;
    std::uint32_t noise = 0;
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) {
        if (x % 2 == 0) noise = random.bits32();
        const double ring = 90 + 70 * std::sin(std::hypot(x - x0, y - y0) * pace);
        for (int c = 0; c < 3; ++c, noise >>= 5)
          pixels.push_back(static_cast<std::uint8_t>(ring + c * 30.0 * y / side + (noise & 31)));
      }
  }
  return pixels;
}

void write_faces(const std::filesystem::path& folder, int side) {
  const std::vector<std::uint8_t> pixels = drawn_faces(side);
  const FaceShape shape{side, side};
  FaceCacheWriter writer(folder / "faces.h5", shape, faces, {{"face"}, "bench\n", "{}", make_fingerprint({})});
  for (std::int64_t i = 0; i < faces; ++i)
    writer.append({std::span(pixels).subspan(static_cast<std::size_t>(i) * shape.bytes(), shape.bytes()), i,
                   std::to_string(i) + ".jpg", "train", 0});
  writer.finish();
  // NumPy's own format, version 1: a header padded to 64 bytes, then the pixels.
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(faces) + ", " +
                       std::to_string(side) + ", " + std::to_string(side) + ", 3), }";
  header.append(64 - (10 + header.size() + 1) % 64, ' ') += '\n';
  std::ofstream file(folder / "faces.npy", std::ios::binary);
  file << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() & 255) << static_cast<char>(header.size() >> 8)
       << header;
  file.write(reinterpret_cast<const char*>(pixels.data()), static_cast<std::streamsize>(pixels.size()));
}

struct Rate {
  double by_clock = 0;      // views a second
  double by_processor = 0;  // views per second of processor time, of all threads and processes
  void keep_best(const Rate& other) {
    by_clock = std::max(by_clock, other.by_clock);
    by_processor = std::max(by_processor, other.by_processor);
  }
};

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Moment {
  std::chrono::steady_clock::time_point clock;
  double processor = 0;
  void note() {
    clock = std::chrono::steady_clock::now();
    processor = processor_seconds();
  }
};
Moment begin;

// Takes the batches and the time when every face has been read once.
constexpr std::int64_t warm_steps = faces / batch_size;
struct Take {
  struct In {
    Images weak_a, weak_b, strong;
  };
  static Contract<Take> contract() {
    return Contract<Take>("take", "Reads a batch.")
        .in(&In::weak_a, "weak_a", "uint8 [N,H,W,3]", "views")
        .in(&In::weak_b, "weak_b", "uint8 [N,H,W,3]", "views")
        .in(&In::strong, "strong", "uint8 [N,H,W,3]", "views");
  }
  void run(const In&, const Context& context) const {
    if (context.clock.iteration == warm_steps) begin.note();
  }
};

Rate engine(const std::filesystem::path& folder, int side, std::int64_t steps) {
  Registry registry;
  register_nodes(registry);
  registry.node<Take>();
  const std::string size = std::to_string(side);
  const std::string moved = "{resize: " + size + "}, {crop: {padding: 8, probability: 0.5}}, {flip: 0.5}]";
  Document document;
  document.root = parse_yaml(
      "pipeline: views\nparams:\n  epochs: 1\n  steps: " + std::to_string(warm_steps + steps) + "\n  weak: [" + moved +
          "\n  strong: [{rand_augment: {operations: 3}}, {cutout: {side: 0.5}}, " + moved +
          "\nstreams:\n  s:\n    faces: {node: face_cache, from: {cache: " + (folder / "faces.h5").string() +
          "}}\n    weak_a: {node: augment, image: faces.image, ops: $weak}\n"
          "    weak_b: {node: augment, image: faces.image, ops: $weak}\n"
          "    strong: {node: augment, image: faces.image, ops: $strong}\n"
          "    batch: {node: batch, size: " +
          std::to_string(batch_size) +
          ", ahead: 8, items: {weak_a: weak_a.image, weak_b: weak_b.image, strong: strong.image}}\n"
          "step:\n  take: {node: take, weak_a: s.weak_a, weak_b: s.weak_b, strong: s.strong}\n",
      "bench_views");
  Run run(check_pipeline(document, registry), {.threads = threads});
  run.train();
  Moment end;
  end.note();
  const auto views = static_cast<double>(3 * batch_size * steps);
  return {views / std::chrono::duration<double>(end.clock - begin.clock).count(),
          views / (end.processor - begin.processor)};
}

Rate peer(const std::string& script, const std::filesystem::path& folder, int side, double seconds) {
  const std::string command = "/usr/bin/python3 '" + script + "' '" + (folder / "faces.npy").string() + "' " +
                              std::to_string(side) + " " + std::to_string(seconds);
  FILE* output = popen(command.c_str(), "r");
  if (!output) return {};
  Rate rate;
  const bool read = std::fscanf(output, "%lf %lf", &rate.by_clock, &rate.by_processor) == 2;
  return pclose(output) == 0 && read ? rate : Rate{};
}

int measure(double seconds, const std::string& script, const std::filesystem::path& folder) {
  for (const int side : {224, 112}) {
    write_faces(folder, side);
    Rate ours = engine(folder, side, warm_steps), theirs;
    // In turns, so that what else the machine does falls on both.
    for (int turn = 0; turn < turns; ++turn) {
      ours.keep_best(engine(folder, side, static_cast<std::int64_t>(seconds * ours.by_clock / (3 * batch_size)) + 1));
      theirs.keep_best(peer(script, folder, side, seconds));
    }
    if (theirs.by_clock <= 0) {
      std::cerr << "The peer did not run: install python3-torchvision and give the path of views.py.\n";
      return 1;
    }
    std::printf("%d pixels, best of %d           fergraph   torchvision and Pillow   ratio\n", side, turns);
    std::printf("  views/s                      %10.0f   %22.0f   %5.1f\n", ours.by_clock, theirs.by_clock,
                ours.by_clock / theirs.by_clock);
    std::printf("  views/s of processor time    %10.0f   %22.0f   %5.1f\n", ours.by_processor, theirs.by_processor,
                ours.by_processor / theirs.by_processor);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::atof(arguments[1]) : 5;
  const std::string script = count > 2 ? arguments[2] : "bench/peers/views.py";
  if (seconds <= 0) {
    std::cerr << "Give a number of seconds above 0.\n";
    return 2;
  }
  return fergraph::bench::in_scratch_folder(count > 3 ? arguments[3] : std::filesystem::temp_directory_path(),
                                            [&](const auto& folder) { return measure(seconds, script, folder); });
}
