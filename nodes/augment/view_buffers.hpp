// Pixel buffers that are used again: a view in the steady state allocates nothing.
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

namespace fergraph {

/// Hands out buffers of a thread and takes each back when its last reference elsewhere is gone, in whatever thread that
/// happens. Past 64 MiB the buffers that it hands out are ordinary ones.
class ViewBuffers {
 public:
  /// The buffers of the calling thread.
  static ViewBuffers& of_this_thread();

  /// uint8 [height,width,3], contiguous, of undefined content. At least 64 bytes behind the last pixel belong to it
  /// too, so that loops may write whole vectors. Requires width and height from 1.
  cv::Mat take(int width, int height);

  /// One row of bytes for a loop's own use, valid until the next call.
  std::uint8_t* line(std::size_t bytes);
  /// The same, of whole numbers.
  std::int32_t* sums(std::size_t count);

 private:
  std::vector<cv::Mat> held_;  // uint8 [1,capacity]
  std::size_t next_ = 0;       // where the search goes on: views are freed about in the order in which they were made
  std::size_t held_bytes_ = 0;
  std::vector<std::uint8_t> line_;
  std::vector<std::int32_t> sums_;
};

}  // namespace fergraph
