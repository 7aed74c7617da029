#include "tests/docs/markdown_page.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "tests/scratch_folder.hpp"

namespace fergraph::test {

namespace {

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// GitHub's rule: lower case, letters and digits of any language, '_' and '-' stay, blanks become '-'.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char letter : heading) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte >= 0x80 || std::isalnum(byte) || letter == '_' || letter == '-')
      anchor += static_cast<char>(byte < 0x80 ? std::tolower(byte) : letter);
    else if (letter == ' ')
      anchor += '-';
  }
  return anchor;
}

class PageReader {
 public:
  explicit PageReader(const std::filesystem::path& file) : lines_(text_of(file)) { page_.file = file; }

  Page read() {
    for (std::string line; next(line);) {
      const std::string text = trimmed(line);
      if (text.starts_with("```"))
        read_block(text.substr(3));
      else if (text.starts_with("<!--"))
        read_comment(text);
      else
        read_prose(line);
    }
    if (pending_.mark != PageBlock::Mark::none) fail("a mark without a block behind it");
    return std::move(page_);
  }

 private:
  bool next(std::string& line) {
    ++number_;
    return static_cast<bool>(std::getline(lines_, line));
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(page_.file.filename().string() + ":" + std::to_string(number_) + ": " + what);
  }

  void read_block(const std::string& language) {
    PageBlock block = std::exchange(pending_, {});
    block.language = language;
    block.line = number_;
    for (std::string line; next(line);) {
      if (trimmed(line) == "```") return page_.blocks.push_back(std::move(block));
      block.text += line + "\n";
    }
    fail("the block of line " + std::to_string(block.line) + " has no end");
  }

  void read_comment(const std::string& text) {
    static const std::map<std::string, PageBlock::Mark> marks = {{"run", PageBlock::Mark::run},
                                                                 {"not run", PageBlock::Mark::not_run},
                                                                 {"output", PageBlock::Mark::output},
                                                                 {"file", PageBlock::Mark::file},
                                                                 {"part of", PageBlock::Mark::part_of}};
    if (text == "<!-- setup") return read_setup();
    const std::size_t end = text.find("-->");
    if (end == std::string::npos) fail("a comment of several lines that is no setup");
    const std::string inside = trimmed(text.substr(4, end - 4));
    const std::size_t colon = inside.find(':');
    const auto mark = marks.find(trimmed(inside.substr(0, colon)));
    if (mark == marks.end()) return;
    if (pending_.mark != PageBlock::Mark::none) fail("two marks before one block");
    pending_.mark = mark->second;
    if (colon != std::string::npos) pending_.rule = trimmed(inside.substr(colon + 1));
  }

  void read_setup() {
    PageBlock block;
    block.mark = PageBlock::Mark::setup;
    block.language = "sh";
    block.line = number_;
    for (std::string line; next(line);) {
      if (trimmed(line) == "-->") return page_.blocks.push_back(std::move(block));
      block.text += line + "\n";
    }
    fail("the setup of line " + std::to_string(block.line) + " has no end");
  }

  void read_prose(const std::string& line) {
    if (pending_.mark != PageBlock::Mark::none && !trimmed(line).empty()) fail("text between a mark and its block");
    if (line.starts_with("#")) add_heading(trimmed(line.substr(line.find_first_not_of('#'))));
    static const std::regex named("<a (?:id|name)=\"([^\"]+)\"");
    for (std::sregex_iterator at(line.begin(), line.end(), named), end; at != end; ++at)
      page_.anchors.push_back((*at)[1]);
    static const std::regex span("`([^`]+)`");
    for (std::sregex_iterator at(line.begin(), line.end(), span), end; at != end; ++at)
      page_.code_spans.emplace_back((*at)[1], number_);
    // The text of a link may be code; what looks like a link inside of code is none.
    const std::string visible = std::regex_replace(line, span, "code");
    static const std::regex link("\\]\\(([^) ]+)(?: \"[^\"]*\")?\\)|(?:src|href)=\"([^\"]+)\"");
    for (std::sregex_iterator at(visible.begin(), visible.end(), link), end; at != end; ++at)
      page_.links.push_back({(*at)[1].matched ? (*at)[1] : (*at)[2], number_});
  }

  void add_heading(const std::string& heading) {
    static const std::regex link("\\[([^\\]]*)\\]\\([^)]*\\)");
    const std::string anchor = anchor_of(std::regex_replace(heading, link, "$1"));
    const int before = seen_[anchor]++;
    page_.anchors.push_back(before == 0 ? anchor : anchor + "-" + std::to_string(before));
  }

  std::istringstream lines_;
  Page page_;
  PageBlock pending_;  // a mark that waits for its block
  std::map<std::string, int> seen_;
  int number_ = 0;
};

}  // namespace

Page read_page(const std::filesystem::path& file) { return PageReader(file).read(); }

std::vector<std::filesystem::path> documentation_pages() {
  const std::filesystem::path root = FERGRAPH_SOURCE_DIR;
  std::vector<std::filesystem::path> pages = {root / "README.md", root / "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs"))
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  std::sort(pages.begin() + 2, pages.end());
  return pages;
}

}  // namespace fergraph::test
