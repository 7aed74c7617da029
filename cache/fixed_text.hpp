// A column of texts of one width, padded with zero bytes: how a cache keeps ids, in the file and in memory.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fergraph {

struct FixedText {
  std::string bytes;      ///< size() * width bytes
  std::size_t width = 1;  ///< bytes per text; HDF5 has no empty text type, hence at least 1

  FixedText() = default;
  explicit FixedText(const std::vector<std::string>& texts) {
    for (const auto& text : texts) width = std::max(width, text.size());
    bytes.resize(width * texts.size(), '\0');
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i].copy(bytes.data() + i * width, width);
  }

  std::size_t size() const { return bytes.size() / width; }
  std::string_view at(std::size_t index) const {
    const std::string_view padded(bytes.data() + index * width, width);
    return padded.substr(0, padded.find('\0'));
  }
};

}  // namespace fergraph
