// Views a second, weak, weak and strong of Ada-CM, through a stream from the face cache into batches of 16, against
// torchvision and Pillow in a DataLoader (bench/peers/views.py): both with two workers, on the same faces, in turns.
//
//   bench_views [seconds=5] [peer=bench/peers/views.py] [folder=the system's temporary folder]
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

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
  void run(const In&) const {}
};

// Views a second of so many steps, after as many samples as there are faces.
double engine(const std::filesystem::path& folder, int side, std::int64_t steps) {
  Registry registry;
  register_nodes(registry);
  registry.node<Take>();
  const std::string size = std::to_string(side);
  const std::string moved = "{resize: " + size + "}, {crop: {padding: 8, probability: 0.5}}, {flip: 0.5}]";
  Document document;
  document.root = parse_yaml(
      "pipeline: views\nparams:\n  epochs: 1\n  steps: " + std::to_string(steps) + "\n  weak: [" + moved +
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
  const auto begin = std::chrono::steady_clock::now();
  run.train();
  return static_cast<double>(3 * batch_size * steps) /
         std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double peer(const std::string& script, const std::filesystem::path& folder, int side, double seconds) {
  const std::string command = "/usr/bin/python3 '" + script + "' '" + (folder / "faces.npy").string() + "' " +
                              std::to_string(side) + " " + std::to_string(seconds);
  FILE* output = popen(command.c_str(), "r");
  if (!output) return 0;
  double rate = 0;
  const bool read = std::fscanf(output, "%lf", &rate) == 1;
  return pclose(output) == 0 && read ? rate : 0;
}

int measure(double seconds, const std::string& script, const std::filesystem::path& folder) {
  for (const int side : {224, 112}) {
    write_faces(folder, side);
    double best = engine(folder, side, faces / batch_size), best_of_peer = 0;
    // In turns, so that what else the machine does falls on both.
    for (int turn = 0; turn < turns; ++turn) {
      best = std::max(best, engine(folder, side, static_cast<std::int64_t>(seconds * best / (3 * batch_size)) + 1));
      best_of_peer = std::max(best_of_peer, peer(script, folder, side, seconds));
    }
    if (best_of_peer <= 0) {
      std::cerr << "The peer did not run: install python3-torchvision and give the path of views.py.\n";
      return 1;
    }
    std::printf("%d pixels: fergraph %.0f views/s, torchvision and Pillow %.0f views/s, ratio %.1f (best of %d)\n", side,
                best, best_of_peer, best / best_of_peer, turns);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::atof(arguments[1]) : 5;
  const std::string script = count > 2 ? arguments[2] : "bench/peers/views.py";
  const std::filesystem::path parent = count > 3 ? arguments[3] : std::filesystem::temp_directory_path();
  std::string folder = (parent / "fergraph-bench-XXXXXX").string();
  if (seconds <= 0 || !mkdtemp(folder.data())) {
    std::cerr << "Give a number of seconds, the peer's path and a folder that can be written.\n";
    return 2;
  }
  int result = 1;
  try {
    result = measure(seconds, script, folder);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  std::filesystem::remove_all(folder);
  return result;
}
