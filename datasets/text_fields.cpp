#include "datasets/text_fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <system_error>

#include "datasets/class_names.hpp"

namespace fergraph {
namespace {

std::optional<double> number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::vector<TextLine> lines_of(std::string_view text) {
  std::vector<TextLine> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string_view piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (piece.ends_with('\r')) piece.remove_suffix(1);
    if (!trimmed(piece).empty()) lines.push_back({line, piece});
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return words;
}

std::optional<float> finite_number(std::string_view text) {
  const std::optional<double> value = number(text);
  if (!value || std::abs(*value) > static_cast<double>(std::numeric_limits<float>::max())) return std::nullopt;
  return static_cast<float>(*value);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  const std::optional<double> value = number(text);
  if (!value || *value != std::floor(*value) || std::abs(*value) > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

NumberFile read_numbers(const std::filesystem::path& file, std::size_t most) {
  NumberFile result;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) {
    result.is_missing = true;
    return result;
  }
  // Such files are a few lines long; more of a file that is none is not read.
  constexpr std::size_t longest = 1 << 16;
  std::string text(longest, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (in.bad() || !in.eof()) {
    result.problem = file.string() + ": the file cannot be read, or is too long to hold a few numbers.";
    return result;
  }
  for (const TextLine& line : lines_of(text)) {
    for (const std::string_view word : words_of(line.text, " \t,;")) {
      if (result.numbers.size() == most) return result;
      const std::optional<float> value = finite_number(word);
      if (!value) {
        result.problem = file.string() + ":" + std::to_string(line.number) + ": '" + std::string(word.substr(0, 40)) +
                         "' is no finite number.";
        return result;
      }
      result.numbers.push_back(*value);
    }
  }
  return result;
}

}  // namespace fergraph
