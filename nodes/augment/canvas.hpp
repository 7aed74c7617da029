// A view in the making: pixels, and the cheap operations that wait to be done in one pass over them.
#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "nodes/augment/pixel_loops.hpp"
#include "nodes/augment/view_buffers.hpp"

namespace fergraph {

/// Red, green, blue.
using Colour = std::array<std::uint8_t, 3>;

/// Starts on a picture that it never writes to, and works in the calling thread's buffers. Look-up tables, one cut and
/// one mirroring wait, in this order, until somebody asks for pixels; they are then done in one pass.
class Canvas {
 public:
  /// Requires uint8 [H,W,3], not empty; it must stay valid as long as the canvas.
  explicit Canvas(const cv::Mat& source);

  /// The size as it is now, in pixels.
  int width() const { return size_.width; }
  int height() const { return size_.height; }

  /// The pixels as they are now, to read.
  const cv::Mat& pixels();
  /// The pixels as they are now, to change in place.
  cv::Mat& writable();

  struct Redrawing {
    cv::Mat from;  // the pixels until now; valid until the next call of the canvas
    cv::Mat to;    // the pixels from now on, of undefined content
  };
  /// Goes on in another buffer of this size, which the caller fills.
  Redrawing redraw(int width, int height);

  /// Replaces each level by another.
  void replace_levels(const LevelTables& tables);
  void replace_levels(const LevelTable& table) { replace_levels({table, table, table}); }
  /// Of the pixels as they are now.
  Histograms histograms();

  /// Goes on with the rectangle `place`, which may reach beyond the picture: there stands `fill`.
  void cut(const cv::Rect& place, const Colour& fill);
  /// Left becomes right.
  void mirror();

  /// The finished picture. It may be the source itself where nothing was changed.
  cv::Mat finish();

 private:
  bool is_plain() const { return !has_tables_ && !has_cut_ && !mirrored_; }
  void settle();
  void draw_row(const std::uint8_t* from, std::uint8_t* to) const;

  ViewBuffers& buffers_;
  cv::Mat pixels_;  // before what waits
  cv::Mat before_;  // keeps Redrawing::from
  cv::Size size_;   // after what waits
  bool is_own_ = false;
  bool has_tables_ = false;
  bool has_cut_ = false;
  bool mirrored_ = false;
  LevelTables tables_;
  cv::Rect cut_;
  Colour fill_{};
};

}  // namespace fergraph
