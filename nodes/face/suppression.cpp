#include "nodes/face/suppression.hpp"

#include <algorithm>
#include <numeric>

namespace fergraph {

std::vector<std::size_t> suppress(std::span<const ScoredBox> boxes, float most, Overlap overlap) {
  std::vector<std::size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (overlap == Overlap::of_smaller) std::reverse(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return boxes[a].score > boxes[b].score; });
  const float more = overlap == Overlap::of_smaller ? 1.0F : 0.0F;
  const auto area = [&](const ScoredBox& box) { return (box.x2 - box.x1 + more) * (box.y2 - box.y1 + more); };

  std::vector<std::size_t> kept;
  for (const std::size_t candidate : order) {
    const ScoredBox& a = boxes[candidate];
    const float area_a = area(a);
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](std::size_t place) {
      const ScoredBox& b = boxes[place];
      const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + more;
      const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + more;
      if (width <= 0 || height <= 0) return false;
      const float inner = width * height, area_b = area(b);
      return inner / (overlap == Overlap::of_union ? area_a + area_b - inner : std::min(area_a, area_b)) > most;
    });
    if (!covered) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace fergraph
