// What must hold of every table that a reader of datasets/ returns.
#pragma once

#include <cmath>
#include <set>
#include <string>

#include "datasets/sample_table.hpp"
#include "tests/fuzz/input.hpp"

namespace fergraph::fuzz {

inline void expect_sound(const SampleTable& table) {
  const auto classes = static_cast<std::int64_t>(table.class_names.size());
  const auto finite = [](const auto& numbers) {
    for (const float number : *numbers)
      if (!std::isfinite(number)) return false;
    return true;
  };
  std::set<std::string> ids;
  for (const Sample& sample : table.samples) {
    expect(sample.label >= -1 && sample.label < classes, "a label is no class");
    expect(ids.insert(sample.id).second, "an id stands twice");
    expect(!sample.image.empty() && sample.image.find('\0') == std::string::npos, "an image has no name");
    expect(std::isfinite(sample.weight) && sample.weight >= 0, "a weight is no weight");
    expect(!sample.landmarks || finite(sample.landmarks), "a landmark is not finite");
    if (sample.box) {
      expect(finite(sample.box), "a box is not finite");
      expect((*sample.box)[2] > 0 && (*sample.box)[3] > 0, "a box has no area");
    }
    if (sample.inline_picture >= 0)
      expect((static_cast<std::size_t>(sample.inline_picture) + 1) * table.pixels.picture_bytes() <=
                 table.pixels.bytes.size(),
             "a picture lies behind the pixels");
  }
  if (table.soft_labels.empty()) return;
  expect(table.soft_labels.size() == table.samples.size() * table.class_names.size(), "soft labels are missing");
  for (std::size_t i = 0; i < table.samples.size(); ++i) {
    float sum = 0;
    for (const float share : table.soft_label(i)) sum += share;
    expect(std::abs(sum - 1) < 1e-3F, "soft labels do not sum to 1");
  }
}

}  // namespace fergraph::fuzz
