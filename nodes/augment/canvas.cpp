#include "nodes/augment/canvas.hpp"

#include <algorithm>
#include <cstring>

namespace fergraph {
namespace {

void fill_pixels(std::uint8_t* to, int count, const Colour& colour) {
  for (int i = 0; i < count; ++i, to += 3) std::memcpy(to, colour.data(), 3);
}

}  // namespace

Canvas::Canvas(const cv::Mat& source)
    : buffers_(ViewBuffers::of_this_thread()), pixels_(source), size_(source.size()) {}

void Canvas::settle() {
  if (is_plain()) return;
  if (is_own_ && !has_cut_ && !mirrored_) {
    const std::size_t count = static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height);
    look_up(pixels_.data, count, tables_, pixels_.data);
    has_tables_ = false;
    return;
  }
  cv::Mat to = buffers_.take(size_.width, size_.height);
  const int top = has_cut_ ? cut_.y : 0;
  for (int y = 0; y < size_.height; ++y) {
    const int from = y + top;
    if (from < 0 || from >= pixels_.rows)
      fill_pixels(to.ptr(y), size_.width, fill_);
    else
      draw_row(pixels_.ptr(from), to.ptr(y));
  }
  pixels_ = std::move(to);
  is_own_ = true;
  has_tables_ = has_cut_ = mirrored_ = false;
}

// One row of the picture before what waits, to one row after it.
void Canvas::draw_row(const std::uint8_t* from, std::uint8_t* to) const {
  const int left = has_cut_ ? cut_.x : 0;
  // The columns of the result that lie in the picture.
  const int begin = std::clamp(-left, 0, size_.width);
  const int end = std::clamp(pixels_.cols - left, begin, size_.width);
  const auto count = static_cast<std::size_t>(end - begin);
  if (count == 0) return fill_pixels(to, size_.width, fill_);
  from += 3 * (begin + left);
  if (begin > 0) fill_pixels(to + 3 * (mirrored_ ? size_.width - begin : 0), begin, fill_);
  if (end < size_.width) fill_pixels(to + 3 * (mirrored_ ? 0 : end), size_.width - end, fill_);
  to += 3 * (mirrored_ ? size_.width - end : begin);
  if (has_tables_ && mirrored_) {
    std::uint8_t* line = buffers_.line(3 * count);
    look_up(from, count, tables_, line);
    fergraph::mirror(line, count, to);
  } else if (has_tables_) {
    look_up(from, count, tables_, to);
  } else if (mirrored_) {
    fergraph::mirror(from, count, to);
  } else {
    std::memcpy(to, from, 3 * count);
  }
}

const cv::Mat& Canvas::pixels() {
  settle();
  return pixels_;
}

cv::Mat& Canvas::writable() {
  settle();
  if (!is_own_) {
    const cv::Mat source = pixels_;
    pixels_ = buffers_.take(source.cols, source.rows);
    for (int y = 0; y < source.rows; ++y)
      std::memcpy(pixels_.ptr(y), source.ptr(y), 3 * static_cast<std::size_t>(source.cols));
    is_own_ = true;
  }
  return pixels_;
}

Canvas::Redrawing Canvas::redraw(int width, int height) {
  settle();
  before_ = pixels_;
  pixels_ = buffers_.take(width, height);
  size_ = {width, height};
  is_own_ = true;
  return {before_, pixels_};
}

void Canvas::replace_levels(const LevelTables& tables) {
  // What a cut filled in takes part too.
  if (has_cut_) settle();
  if (!has_tables_) {
    tables_ = tables;
    has_tables_ = true;
    return;
  }
  for (std::size_t c = 0; c < 3; ++c)
    for (std::uint8_t& level : tables_[c]) level = tables[c][level];
}

Histograms Canvas::histograms() {
  if (has_cut_) settle();
  Histograms found{};
  for (int y = 0; y < pixels_.rows; ++y) count_levels(pixels_.ptr(y), static_cast<std::size_t>(pixels_.cols), found);
  if (!has_tables_) return found;
  Histograms replaced{};
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t level = 0; level < 256; ++level) replaced[c][tables_[c][level]] += found[c][level];
  return replaced;
}

void Canvas::cut(const cv::Rect& place, const Colour& fill) {
  if (has_cut_) settle();
  cut_ = place;
  // What waits is mirrored after the cut, so the cut moves to the other side.
  if (mirrored_) cut_.x = size_.width - place.x - place.width;
  fill_ = fill;
  has_cut_ = true;
  size_ = place.size();
}

void Canvas::mirror() { mirrored_ = !mirrored_; }

cv::Mat Canvas::finish() {
  settle();
  return pixels_;
}

}  // namespace fergraph
