#include "cli/film.hpp"

#include "graph/problem.hpp"

#ifdef FERGRAPH_FILMS
#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "cli/picture_list.hpp"
#endif

namespace fergraph {

#ifdef FERGRAPH_FILMS

struct FilmReader::Source {
  cv::VideoCapture capture;
};

FilmReader::FilmReader(int camera) : source_(std::make_unique<Source>()) {
  if (!source_->capture.open(camera))
    throw RunError("The camera " + std::to_string(camera) + " cannot be opened. Check that there is one (/dev/video" +
                   std::to_string(camera) + ") and that no other program uses it.");
}

FilmReader::FilmReader(const std::filesystem::path& file) : source_(std::make_unique<Source>()) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    throw RunError("There is no film '" + file.string() + "'. Check the path.");
  if (!source_->capture.open(file.string()))
    throw RunError("'" + file.string() +
                   "' cannot be read as a film. Check that it is one, in a format that OpenCV knows.");
}

FilmReader::~FilmReader() = default;

std::optional<cv::Mat> FilmReader::next() {
  cv::Mat frame, rgb;
  if (!source_->capture.read(frame) || frame.empty()) return std::nullopt;
  cv::cvtColor(frame, rgb, frame.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB);
  return rgb;
}

double FilmReader::frames_per_second() const {
  const double told = source_->capture.get(cv::CAP_PROP_FPS);
  return told > 0 && told < 1000 ? told : 25;
}

std::int64_t FilmReader::size() const {
  const double told = source_->capture.get(cv::CAP_PROP_FRAME_COUNT);
  return told > 0 ? static_cast<std::int64_t>(told) : 0;
}

struct FilmWriter::Sink {
  std::filesystem::path file;
  double rate;
  cv::VideoWriter writer;
};

FilmWriter::FilmWriter(std::filesystem::path file, double frames_per_second)
    : sink_(std::make_unique<Sink>(Sink{std::move(file), frames_per_second, {}})) {
  // By the name of a picture OpenCV would write one picture, of all frames.
  static constexpr std::array<const char*, 5> endings = {".avi", ".mp4", ".m4v", ".mov", ".mkv"};
  if (std::find(endings.begin(), endings.end(), ending_of(sink_->file)) == endings.end())
    throw RunError("'" + sink_->file.string() +
                   "' is no name of a film. Give one that ends in .avi, .mp4, .m4v, .mov or .mkv.");
}
FilmWriter::~FilmWriter() = default;

void FilmWriter::add(const cv::Mat& frame) {
  if (!sink_->writer.isOpened()) {
    const bool is_avi = ending_of(sink_->file) == ".avi";
    const int code = is_avi ? cv::VideoWriter::fourcc('M', 'J', 'P', 'G') : cv::VideoWriter::fourcc('m', 'p', '4', 'v');
    if (!sink_->writer.open(sink_->file.string(), code, sink_->rate, frame.size()))
      throw RunError("The film '" + sink_->file.string() +
                     "' cannot be written. Check the folder, or give a name that ends in .avi or .mp4.");
  }
  cv::Mat bgr;
  cv::cvtColor(frame, bgr, cv::COLOR_RGB2BGR);
  sink_->writer.write(bgr);
}

#else

namespace {

[[noreturn]] void refuse() {
  throw RunError(
      "This fergraph was built without OpenCV's videoio, which reads films and cameras. Install it (Debian: "
      "libopencv-videoio-dev) and build again, or take the frames out as pictures.");
}

}  // namespace

struct FilmReader::Source {};
FilmReader::FilmReader(int) { refuse(); }
FilmReader::FilmReader(const std::filesystem::path&) { refuse(); }
FilmReader::~FilmReader() = default;
std::optional<cv::Mat> FilmReader::next() { return std::nullopt; }
double FilmReader::frames_per_second() const { return 0; }
std::int64_t FilmReader::size() const { return 0; }

struct FilmWriter::Sink {};
FilmWriter::FilmWriter(std::filesystem::path, double) { refuse(); }
FilmWriter::~FilmWriter() = default;
void FilmWriter::add(const cv::Mat&) {}

#endif

}  // namespace fergraph
