// Photographs a second from JPEG files with known landmarks to 224-pixel faces in a cache, by the shipped pipeline
// (pipelines/faces/csv-landmarks.yaml), on two threads, beside
//   - a bare oneTBB loop that only reads, decodes wholly (cv::imdecode) and warps, and writes nothing;
//   - bench/peers/preprocess.py: a pool of two processes with OpenCV and h5py (Debian's python3-opencv, python3-h5py),
//     with whole and with reduced decoding.
//
//   bench_preprocess [folder=$FERGRAPH_FACES or ../shared/faces] [photographs=2000] [large=500] [rounds=3] [threads=2]
//
// The folder holds images/*.jpg, of which those of 350 x 350 pixels count; they are repeated up to the number of
// photographs. The large ones are these at 1200 x 1200. Landmarks are a mean face's, shifted at random. The four run
// one after the other in each round; printed are medians, and medians of the ratios.
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>

#include "bench/photograph_rates.hpp"
#include "cache/reader.hpp"
#include "graph/document.hpp"
#include "graph/run.hpp"
#include "nodes/face/align.hpp"
#include "nodes/face/decode.hpp"
#include "nodes/register.hpp"

namespace {

using namespace fergraph;
using namespace fergraph::bench;
namespace fs = std::filesystem;

constexpr int face_size = 224;
int threads = 2;

struct Photographs {
  int side = 0;
  fs::path csv;
  std::vector<fs::path> files;
  std::vector<Landmarks> landmarks;
};

std::vector<fs::path> sources(const fs::path& folder) {
  std::vector<fs::path> files, right;
  for (const auto& entry : fs::directory_iterator(folder / "images")) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Decoded decoded = decode_file(file);
    if (decoded && decoded.pixels.cols == 350 && decoded.pixels.rows == 350) right.push_back(file);
    if (right.size() == 500) break;
  }
  return right;
}

// `side` 350: the files as they are; else enlarged.
Photographs make(const std::vector<fs::path>& from, const fs::path& folder, int side, std::size_t count) {
  Photographs made{side, folder / "faces.csv", {}, {}};
  fs::create_directories(folder);
  std::ofstream csv(made.csv);
  csv << "image,label,split,left_eye_x,left_eye_y,right_eye_x,right_eye_y,nose_x,nose_y,mouth_left_x,mouth_left_y,"
         "mouth_right_x,mouth_right_y\n";
  std::mt19937 random(1);
  std::normal_distribution<double> shift(0, 4);
  constexpr std::array<double, 10> mean = {142, 158, 208, 158, 175, 195, 147, 230, 203, 230};
  const double scale = side / 350.0;
  for (std::size_t i = 0; i < count; ++i) {
    const fs::path file = folder / (std::to_string(i) + ".jpg");
    const fs::path& source = from[i % from.size()];
    if (side == 350) {
      fs::copy_file(source, file);
    } else {
      cv::Mat large;
      cv::resize(cv::imread(source.string()), large, {side, side}, 0, 0, cv::INTER_CUBIC);
      cv::imwrite(file.string(), large, {cv::IMWRITE_JPEG_QUALITY, 90});
    }
    Landmarks points{};
    const double x = shift(random), y = shift(random);
    csv << file.filename().string() << ",neutral,train";
    for (std::size_t p = 0; p < points.size(); ++p) {
      points[p] = static_cast<float>((mean[p] + (p % 2 ? y : x) + 0.5) * scale - 0.5);
      csv << ',' << points[p];
    }
    csv << '\n';
    made.files.push_back(file);
    made.landmarks.push_back(points);
  }
  return made;
}

Rate ours(const Photographs& photographs, const fs::path& cache) {
  static const std::unique_ptr<Registry> registry = [] {
    auto fresh = std::make_unique<Registry>();
    register_nodes(*fresh);
    return fresh;
  }();
  fs::remove_all(cache);
  const Rate rate = rate_of(photographs.files.size(), [&] {
    const LoadOptions load{
        FERGRAPH_SOURCE_DIR "/pipelines/faces/csv-landmarks.yaml",
        {},
        {"csv=" + photographs.csv.string(), "cache=" + cache.string(), "size=" + std::to_string(face_size)}};
    RunOptions options;
    options.threads = threads;
    Run run(check_pipeline(load_document(load), *registry), options);
    run.preprocess();
  });
  if (FaceCache(cache).size() != static_cast<std::int64_t>(photographs.files.size())) {
    std::printf("Faces are missing in the cache.\n");
    std::exit(1);
  }
  return rate;
}

Rate bare(const Photographs& photographs) {
  const FaceTemplate face = face_template(TemplateName::arcface, face_size);
  return rate_of(photographs.files.size(), [&] {
    tbb::task_arena arena(threads);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, photographs.files.size(), [&](std::size_t i) {
        std::ifstream file(photographs.files[i], std::ios::binary | std::ios::ate);
        std::vector<char> bytes(static_cast<std::size_t>(file.tellg()));
        file.seekg(0);
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        const cv::Mat photograph = cv::imdecode(bytes, cv::IMREAD_COLOR);
        cv::Mat warped;
        cv::warpAffine(photograph, warped, umeyama(face.points_of(photographs.landmarks[i]), face.points).matrix,
                       {face_size, face_size}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
        if (warped.empty()) std::abort();
      });
    });
  });
}

Rate peer(const Photographs& photographs, const fs::path& cache, const char* decoding) {
  return rate_of_peer("preprocess.py", std::string("'") + photographs.csv.string() + "' '" + cache.string() + "' " +
                                           std::to_string(face_size) + " " + decoding + " " + std::to_string(threads));
}

class Line {
 public:
  explicit Line(std::string what) : what_(std::move(what)) {}
  void add(const Rate& rate, const Rate& our) {
    a_second_.push_back(rate.a_second);
    milliseconds_.push_back(rate.milliseconds);
    ratios_.push_back(our.a_second / rate.a_second);
    work_.push_back(rate.milliseconds / our.milliseconds);
  }
  void print() const {
    std::printf("  %-44s %7.0f /s  %6.3f ms", what_.c_str(), median(a_second_), median(milliseconds_));
    if (median(a_second_) == 0)
      std::printf("   did not run\n");
    else
      std::printf("   %5.2f x  (%.2f x by processor time)\n", median(ratios_), median(work_));
  }

 private:
  std::string what_;
  std::vector<double> a_second_, milliseconds_, ratios_, work_;
};

void compare(const Photographs& photographs, const fs::path& scratch, int rounds) {
  Line us("fergraph run csv-landmarks.yaml"), loop("bare oneTBB: read, imdecode, warp"),
      whole("Python pool: imread, warp, h5py"), reduced("Python pool: imread reduced, warp, h5py");
  const bool large = photographs.side > 350;
  bare(photographs);  // the files are in memory from here on
  for (int i = 0; i < rounds; ++i) {
    const Rate our = ours(photographs, scratch / "ours.h5");
    us.add(our, our);
    loop.add(bare(photographs), our);
    whole.add(peer(photographs, scratch / "peer.h5", "whole"), our);
    if (large) reduced.add(peer(photographs, scratch / "peer.h5", "reduced"), our);
  }
  std::printf("%zu photographs of %d x %d to faces of %d, %d threads, median of %d rounds\n", photographs.files.size(),
              photographs.side, photographs.side, face_size, threads, rounds);
  us.print();
  loop.print();
  whole.print();
  if (large) reduced.print();
}

// Of the faces of all photographs, decoded in part and at a fraction, against whole decoding and averages of areas.
void compare_pixels(const Photographs& photographs) {
  for (const int size : {224, 112}) {
    const FaceTemplate face = face_template(TemplateName::arcface, size);
    std::vector<double> decibels(std::min<std::size_t>(photographs.files.size(), 200));
    for (std::size_t i = 0; i < decibels.size(); ++i) {
      const Landmarks& points = photographs.landmarks[i];
      const Decoded whole = decode_file(photographs.files[i]);
      const Decoded part = decode_file(photographs.files[i], {}, {region_of_landmarks(points, face, size).region});
      decibels[i] =
          cv::PSNR(align_landmarks(whole.pixels, points, face, size).pixels,
                   align_landmarks(part.pixels, points, face, size, FaceBorder::replicate, part.window).pixels);
    }
    std::printf("  faces of %d: PSNR against whole decoding %.1f dB in the median, %.1f dB in the worst of %zu\n", size,
                median(decibels), *std::min_element(decibels.begin(), decibels.end()), decibels.size());
  }
}

}  // namespace

int main(int count, char** arguments) {
  const char* const set = std::getenv("FERGRAPH_FACES");
  const fs::path folder = count > 1 ? arguments[1] : set ? set : FERGRAPH_SOURCE_DIR "/../shared/faces";
  const std::size_t small = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 2000;
  const std::size_t large = count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 500;
  const int rounds = count > 4 ? std::atoi(arguments[4]) : 3;
  if (count > 5) threads = std::atoi(arguments[5]);
  if (!fs::is_directory(folder / "images")) {
    std::printf("Skipped: there are no photographs in %s/images.\n", folder.c_str());
    return 0;
  }
  cv::setNumThreads(1);
  const fs::path scratch = fs::temp_directory_path() / ("fergraph_bench_preprocess_" + std::to_string(::getpid()));
  const std::vector<fs::path> from = sources(folder);
  if (small > 0) compare(make(from, scratch / "350", 350, small), scratch, rounds);
  if (large > 0) {
    const Photographs photographs = make(from, scratch / "1200", 1200, large);
    compare(photographs, scratch, rounds);
    compare_pixels(photographs);
  }
  fs::remove_all(scratch);
}
