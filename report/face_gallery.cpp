#include "report/face_gallery.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace fergraph {
namespace {

using Row = PredictionTable::Row;

std::string base64(const std::vector<std::uint8_t>& bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                (i + 1 < bytes.size() ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0) |
                                (i + 2 < bytes.size() ? static_cast<std::uint32_t>(bytes[i + 2]) : 0);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? letters[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string encoded(const cv::Mat& rgb, const char* kind, const std::vector<int>& options) {
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  cv::imencode(std::string(".") + kind, bgr, bytes, options);
  return std::string("data:image/") + (kind == std::string("jpg") ? "jpeg" : kind) + ";base64," + base64(bytes);
}

cv::Mat resized(const cv::Mat& image, int width, int height) {
  cv::Mat out;
  cv::resize(image, out, {width, height}, 0, 0, width < image.cols ? cv::INTER_AREA : cv::INTER_CUBIC);
  return out;
}

float probability(const Row& row, std::int64_t of_class) {
  const auto c = static_cast<std::size_t>(of_class);
  return of_class >= 0 && c < row.probs.size() ? row.probs[c] : 0;
}

// The indices of rows for which a rank is told, the highest rank first.
template <class Rank>
std::vector<std::size_t> highest(const PredictionTable& table, std::size_t count, const Rank& rank) {
  std::vector<std::pair<double, std::size_t>> found;
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    if (const std::optional<double> of_row = rank(table.rows[i])) found.emplace_back(-*of_row, i);
  std::sort(found.begin(), found.end());
  std::vector<std::size_t> rows;
  for (const auto& [negative, i] : found)
    if (rows.size() < count) rows.push_back(i);
  return rows;
}

}  // namespace

std::vector<std::size_t> suspected_labels(const PredictionTable& table, std::size_t count) {
  return highest(table, count, [](const Row& row) -> std::optional<double> {
    if (row.given < 0 || row.predicted < 0 || row.given == row.predicted) return std::nullopt;
    return probability(row, row.predicted) - probability(row, row.given);
  });
}

std::vector<std::size_t> confident_mistakes(const PredictionTable& table, std::size_t count) {
  return highest(table, count, [](const Row& row) -> std::optional<double> {
    const std::int64_t label = PredictionTable::label_of(row);
    if (label < 0 || row.predicted == label) return std::nullopt;
    return row.confidence;
  });
}

std::vector<std::size_t> stratified_rows(const PredictionTable& table, std::size_t count) {
  std::map<std::int64_t, std::vector<std::size_t>> of_label;
  for (std::size_t i = 0; i < table.rows.size(); ++i) of_label[PredictionTable::label_of(table.rows[i])].push_back(i);
  std::vector<std::size_t> chosen;
  const double share =
      std::min(1.0, static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(1, table.rows.size())));
  for (const auto& [label, rows] : of_label) {
    const auto wanted = std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(rows.size())));
    for (std::size_t k = 0; k < wanted; ++k) chosen.push_back(rows[k * rows.size() / wanted]);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

const FaceCache* FacePictures::cache_at(const std::string& path) {
  if (const auto known = caches_.find(path); known != caches_.end()) return known->second.get();
  std::unique_ptr<FaceCache>& cache = caches_[path];
  std::vector<std::filesystem::path> places = {path};
  if (std::filesystem::path(path).is_relative())
    for (const std::filesystem::path& folder : folders_) places.push_back(folder / path);
  std::string why = "it is neither there nor beside the run.";
  for (const std::filesystem::path& place : places) {
    if (!std::filesystem::exists(place)) continue;
    try {
      cache = std::make_unique<FaceCache>(place);
      return cache.get();
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  problems_.push_back("The face cache '" + path + "' could not be opened, so its faces are not shown: " + why);
  return nullptr;
}

FacePictures::Pixels FacePictures::pixels_of(const Row& row) {
  if (row.cache.empty()) return {};
  const FaceCache* cache = cache_at(row.cache);
  if (!cache || row.face < 0 || row.face >= cache->size()) return {};
  try {
    std::vector<std::uint8_t> buffer(cache->buffer_size());
    const auto read = cache->read(row.face, buffer);
    return {
        {read.begin(), read.end()}, static_cast<int>(cache->shape().height), static_cast<int>(cache->shape().width)};
  } catch (const std::exception& error) {
    problems_.emplace_back(error.what());
    return {};
  }
}

std::string FacePictures::address_of(const Row& row) {
  Pixels pixels = pixels_of(row);
  if (pixels.rgb.empty()) return {};
  const cv::Mat image(pixels.height, pixels.width, CV_8UC3, pixels.rgb.data());
  const int side = std::max(image.rows, image.cols);
  constexpr int lossless = 64;
  constexpr int largest = 112;
  if (side <= lossless) return encoded(image, "png", {cv::IMWRITE_PNG_COMPRESSION, 9});
  const double scale = std::min(1.0, static_cast<double>(largest) / side);
  return encoded(resized(image, std::max(1, static_cast<int>(image.cols * scale)),
                         std::max(1, static_cast<int>(image.rows * scale))),
                 "jpg", {cv::IMWRITE_JPEG_QUALITY, 88});
}

std::string FacePictures::sheet_of(const std::vector<const Row*>& rows, int columns, int side) {
  const int count = static_cast<int>(rows.size());
  cv::Mat sheet((count + columns - 1) / columns * side, columns * side, CV_8UC3, cv::Scalar(128, 128, 128));
  bool any = false;
  for (int i = 0; i < count; ++i) {
    Pixels pixels = pixels_of(*rows[static_cast<std::size_t>(i)]);
    if (pixels.rgb.empty()) continue;
    const cv::Mat image(pixels.height, pixels.width, CV_8UC3, pixels.rgb.data());
    resized(image, side, side).copyTo(sheet(cv::Rect(i % columns * side, i / columns * side, side, side)));
    any = true;
  }
  return any ? encoded(sheet, "jpg", {cv::IMWRITE_JPEG_QUALITY, 80}) : std::string();
}

}  // namespace fergraph
