// Where the pixels of a picture lie in the photograph that they were decoded from.
#pragma once

namespace fergraph {

/// Pixel (column i, row j) shows the square of `step` by `step` pixels of the upright photograph whose upper left
/// corner is (x + i * step, y + j * step).
struct ImageWindow {
  int x = 0, y = 0;
  /// 1, 2, 4 or 8: pixels of the photograph per pixel, in both directions.
  int step = 1;
  /// Of the whole photograph; 0 where the pixels are all of it.
  int photograph_width = 0, photograph_height = 0;

  bool is_whole() const { return photograph_width == 0; }
};

}  // namespace fergraph
