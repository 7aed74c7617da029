#include "cli/markdown_text.hpp"

#include <cctype>
#include <sstream>

namespace fergraph {

namespace {

std::string escaped(const std::string& text, const std::string& marks) {
  std::string out;
  bool in_code = false;
  for (const char letter : text) {
    if (letter == '`') in_code = !in_code;
    if (letter == '|' ? marks.find('|') != std::string::npos : !in_code && marks.find(letter) != std::string::npos)
      out += '\\';
    out += letter;
  }
  return out;
}

}  // namespace

std::string prose(const std::string& text) { return escaped(text, "<*~$"); }

std::string table_text(const std::string& text) {
  std::string line = escaped(text, "<*~$|");
  for (char& letter : line)
    if (letter == '\n') letter = ' ';
  return line;
}

std::string table_code(const std::string& text) {
  std::string cell = escaped(text, "|");
  return cell.empty() ? cell : cell.insert(0, 1, '`') + '`';
}

std::string code_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(table_code(word));
  return text;
}

std::string paragraphs(const std::string& text) {
  std::string out;
  bool in_block = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool belongs = line.starts_with("  ");
    if (belongs != in_block) out += in_block ? "```\n" : "\n```text\n";
    in_block = belongs;
    out += (in_block ? line : prose(line)) + "\n";
  }
  return out + (in_block ? "```\n" : "");
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text.back() == '.' ? text : text + ".";
}

}  // namespace fergraph
