// Lines, words and numbers of annotation files that are no CSV.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fergraph {

/// A line without its end; `number` counts from 1.
struct TextLine {
  std::int64_t number = 0;
  std::string_view text;
};

/// The lines that hold more than spaces; ends are LF or CRLF, a UTF-8 byte order mark is skipped. Views into `text`.
std::vector<TextLine> lines_of(std::string_view text);

/// The pieces between any run of `separators`; none is empty. Views into `text`.
std::vector<std::string_view> words_of(std::string_view text, std::string_view separators = " \t");

/// The number that the whole text writes (spaces around it and a plus sign allowed), or none where it writes none, or
/// one that no float holds: words, `nan`, `inf`, 1e99.
std::optional<float> finite_number(std::string_view text);
/// As finite_number, for whole numbers, also where they are written with a fraction of zeros (`3.0`, `3.0000e+00`).
std::optional<std::int64_t> whole_number(std::string_view text);

/// The numbers of a small file (landmarks, a box), separated by spaces, tabs, commas, semicolons or line ends.
struct NumberFile {
  std::vector<float> numbers;
  bool is_missing = false;
  /// A sentence with file:line where something stands there that is no finite number; the numbers end before it.
  std::string problem;
};
/// Reads at most `most` numbers and passes over what follows them. Never throws for what the file holds.
NumberFile read_numbers(const std::filesystem::path& file, std::size_t most);

}  // namespace fergraph
