// Columns of words and numbers for a terminal.
#pragma once

#include <string>
#include <vector>

namespace fergraph {

class TextTable {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A line per row: two spaces before each column, the first column to the left and the others to the right.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace fergraph
