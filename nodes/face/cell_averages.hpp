// Averages of a picture's pixels over the cells of a grid that need not end where pixels do.
#pragma once

#include <opencv2/core.hpp>

namespace fergraph {

/// What stands where a face reaches beyond its photograph.
enum class FaceBorder { replicate, black };

/// Cells of equal size, in pixels of the picture; (0, 0) is the picture's corner.
struct CellGrid {
  double left, top;      ///< of the first cell
  double width, height;  ///< of each cell, about 1 or more
  cv::Size size;         ///< columns and rows of cells
};

/// uint8 [rows,columns,C]: the average over each cell, of the shares of the pixels that it covers, rounded. The same as
/// cv::resize with INTER_AREA where the grid begins and ends with pixels, which it seldom does where the decoder has
/// made them coarser. Pictures are uint8 with 1 or 3 channels.
cv::Mat average_cells(const cv::Mat& pixels, const CellGrid& grid, FaceBorder border);

}  // namespace fergraph
