#include "nodes/augment/levels.hpp"

#include <algorithm>

namespace fergraph {
namespace {

template <class Level>
LevelTable table_of(Level&& level) {
  LevelTable table;
  for (int i = 0; i < 256; ++i) table[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(level(i));
  return table;
}

LevelTable unchanged() {
  return table_of([](int i) { return i; });
}

}  // namespace

LevelTable inverted_levels() {
  return table_of([](int i) { return 255 - i; });
}

LevelTable solarized_levels(double threshold) {
  return table_of([=](int i) { return i < threshold ? i : 255 - i; });
}

LevelTable posterized_levels(int bits) {
  const int mask = 256 - (1 << (8 - bits));
  return table_of([=](int i) { return i & mask; });
}

LevelTable blended_levels(std::uint8_t level, double factor) {
  LevelTable constant, each = unchanged(), blended;
  constant.fill(level);
  blend(constant.data(), each.data(), static_cast<float>(factor), each.size(), blended.data());
  return blended;
}

LevelTables stretched_levels(const Histograms& histograms) {
  LevelTables tables;
  for (std::size_t c = 0; c < 3; ++c) {
    int low = 0, high = 255;
    while (low < 255 && histograms[c][static_cast<std::size_t>(low)] == 0) ++low;
    while (high > 0 && histograms[c][static_cast<std::size_t>(high)] == 0) --high;
    if (high <= low) {
      tables[c] = unchanged();
      continue;
    }
    const double scale = 255.0 / (high - low);
    const double offset = -low * scale;
    tables[c] = table_of([=](int i) { return std::clamp(static_cast<int>(i * scale + offset), 0, 255); });
  }
  return tables;
}

LevelTables equalized_levels(const Histograms& histograms) {
  LevelTables tables;
  for (std::size_t c = 0; c < 3; ++c) {
    std::int64_t pixels = 0, last = 0;
    int levels = 0;
    for (const std::uint32_t count : histograms[c]) {
      if (count == 0) continue;
      pixels += count;
      last = count;
      ++levels;
    }
    const std::int64_t step = (pixels - last) / 255;
    if (levels <= 1 || step == 0) {
      tables[c] = unchanged();
      continue;
    }
    std::int64_t below = step / 2;
    tables[c] = table_of([&](int i) {
      const std::int64_t level = below / step;
      below += histograms[c][static_cast<std::size_t>(i)];
      return std::min<std::int64_t>(level, 255);
    });
  }
  return tables;
}

}  // namespace fergraph
