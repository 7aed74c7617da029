// Frames of a film or a camera, by OpenCV's VideoCapture where this program was built with it, and films that are
// written.
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

namespace fergraph {

class FilmReader {
 public:
  /// A camera's number or a file. Throws RunError with the remedy: built without OpenCV's videoio, no such file or
  /// camera, no film.
  explicit FilmReader(int camera);
  explicit FilmReader(const std::filesystem::path& file);
  ~FilmReader();

  /// uint8 [H,W,3], RGB, or nothing at the end.
  std::optional<cv::Mat> next();
  double frames_per_second() const;  ///< 25 where the source does not tell
  std::int64_t size() const;         ///< frames, as the file tells; 0: unknown

 private:
  struct Source;
  std::unique_ptr<Source> source_;
};

class FilmWriter {
 public:
  /// A name that ends in .avi, .mp4, .m4v, .mov or .mkv; the file is made with the first frame. Throws RunError for
  /// another name, and where no film can be written.
  FilmWriter(std::filesystem::path file, double frames_per_second);
  ~FilmWriter();
  void add(const cv::Mat& frame);  ///< uint8 [H,W,3], RGB

 private:
  struct Sink;
  std::unique_ptr<Sink> sink_;
};

}  // namespace fergraph
