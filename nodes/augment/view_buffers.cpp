#include "nodes/augment/view_buffers.hpp"

#include <algorithm>
#include <atomic>

namespace fergraph {
namespace {

constexpr std::size_t slack = 64;
constexpr std::size_t largest_hold = std::size_t{64} << 20;
constexpr std::size_t looks = 8;

// Whether nobody else refers to it. Nobody can begin to either: new references are copies of existing ones.
bool is_free(const cv::Mat& buffer) {
  return std::atomic_ref<int>(buffer.u->refcount).load(std::memory_order_acquire) == 1;
}

}  // namespace

ViewBuffers& ViewBuffers::of_this_thread() {
  thread_local ViewBuffers buffers;
  return buffers;
}

cv::Mat ViewBuffers::take(int width, int height) {
  const std::size_t bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
  const std::size_t needed = bytes + slack;
  const auto shaped = [&](const cv::Mat& buffer) {
    return buffer.colRange(0, static_cast<int>(bytes)).reshape(3, height);
  };
  // Buffers that are too small come from views of another size; the first one met makes room for the new.
  for (std::size_t look = 0; look < std::min(looks, held_.size()); ++look) {
    cv::Mat& buffer = held_[next_];
    next_ = (next_ + 1) % held_.size();
    if (!is_free(buffer)) continue;
    if (buffer.total() < needed) {
      held_bytes_ += needed - buffer.total();
      buffer.create(1, static_cast<int>(needed), CV_8UC1);
    }
    return shaped(buffer);
  }
  cv::Mat fresh(1, static_cast<int>(needed), CV_8UC1);
  if (held_bytes_ + needed <= largest_hold) {
    held_bytes_ += needed;
    held_.push_back(fresh);
  }
  return shaped(fresh);
}

std::uint8_t* ViewBuffers::line(std::size_t bytes) {
  if (line_.size() < bytes + slack) line_.resize(bytes + slack);
  return line_.data();
}

std::int32_t* ViewBuffers::sums(std::size_t count) {
  if (sums_.size() < count + slack) sums_.resize(count + slack);
  return sums_.data();
}

}  // namespace fergraph
