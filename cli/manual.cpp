#include "cli/manual.hpp"

#include <map>
#include <sstream>

namespace fergraph {

namespace {

// Indented by two, in lines of at most a hundred letters.
std::string wrapped(const std::string& text, const std::string& indent) {
  std::string out;
  std::string line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > 100) {
      out += indent + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out + indent + line + "\n";
}

}  // namespace

void add_manual(CLI::App& command, const Manual& manual) {
  std::string text;
  if (!manual.about.empty()) text += "What it does:\n" + wrapped(manual.about, "  ") + "\n";
  if (!manual.writes.empty()) text += "What it writes:\n" + wrapped(manual.writes, "  ") + "\n";
  std::map<int, std::string> codes = {{0, "done"}, {1, "failed"}, {2, "wrong usage, or a file that does not check"}};
  for (const auto& [code, meaning] : manual.codes) codes[code] = meaning;
  text += "Exit codes:\n";
  for (const auto& [code, meaning] : codes) {
    const std::string number = std::to_string(code);
    std::string lines = wrapped(meaning, "       ");
    text += lines.replace(2, number.size(), number);
  }
  text += manual.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const std::string& example : manual.examples) text += "  " + example + "\n";
  text.pop_back();
  command.footer(text);
}

}  // namespace fergraph
