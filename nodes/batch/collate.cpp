#include "nodes/batch/collate.hpp"

#include <cstring>

#include "nodes/face/faces.hpp"
#include "nodes/values.hpp"

namespace fergraph {
namespace {

Images stack(std::span<const Image* const> rows) {
  const cv::Mat& first = rows.front()->pixels;
  const auto width = static_cast<std::size_t>(first.cols) * 3;
  Images images{torch::empty({static_cast<std::int64_t>(rows.size()), first.rows, first.cols, 3}, torch::kUInt8)};
  auto* to = images.tensor.data_ptr<std::uint8_t>();
  for (const Image* row : rows) {
    const cv::Mat& pixels = row->pixels;
    if (pixels.size() != first.size() || pixels.type() != CV_8UC3)
      throw std::runtime_error("the images are of different sizes (" + std::to_string(first.cols) + "x" +
                               std::to_string(first.rows) + " and " + std::to_string(pixels.cols) + "x" +
                               std::to_string(pixels.rows) + "). Resize them in the stream, or use one cache.");
    for (int y = 0; y < pixels.rows; ++y, to += width) std::memcpy(to, pixels.ptr(y), width);
  }
  return images;
}

template <class Sample>
torch::Tensor column(std::span<const Sample* const> rows) {
  torch::Tensor values = torch::empty({static_cast<std::int64_t>(rows.size())}, torch::kInt64);
  auto* to = values.data_ptr<std::int64_t>();
  for (const Sample* row : rows) *to++ = row->value;
  return values;
}

}  // namespace

void register_collators(Registry& registry) {
  registry.collate<Image, Images>(stack);
  registry.collate<Label, Labels>([](std::span<const Label* const> rows) { return Labels{column(rows)}; });
  registry.collate<AlignedFaces, FaceLists>([](std::span<const AlignedFaces* const> rows) {
    FaceLists lists;
    for (const AlignedFaces* row : rows) lists.photographs.push_back(*row);
    return lists;
  });
  registry.collate<SampleIndex, Index>([](std::span<const SampleIndex* const> rows) { return Index{column(rows)}; });
}

}  // namespace fergraph
