// What the pages name exists: commands and options in the program's help, files in the repository, the nodes'
// contracts.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/docs/markdown_page.hpp"
#include "tests/docs/shell.hpp"

namespace fs = std::filesystem;
using namespace fergraph::test;

namespace {

const fs::path source = FERGRAPH_SOURCE_DIR;

/// Help texts by command ("run", "cache info", "" for the program's own), asked for once.
class Help {
 public:
  Help() : shell_(scratch_.folder) {}

  const std::string& of(const std::string& command) {
    const auto known = texts_.find(command);
    if (known != texts_.end()) return known->second;
    const ShellResult result = shell_.run("fergraph " + command + " --help");
    return texts_[command] = result.code == 0 ? result.output : std::string();
  }
  std::vector<std::string> commands_of(const std::string& command) {
    std::vector<std::string> names;
    std::istringstream lines(of(command));
    bool listed = false;
    for (std::string line; std::getline(lines, line);) {
      static const std::regex entry("  ([a-z-]+)  +.*");
      std::smatch found;
      if (line == "Subcommands:")
        listed = true;
      else if (listed && std::regex_match(line, found, entry))
        names.push_back(found[1]);
      else if (listed && line.empty())
        break;
    }
    return names;
  }

 private:
  Scratch scratch_;
  Shell shell_;
  std::map<std::string, std::string> texts_;
};

bool has_option(const std::string& help, const std::string& option) {
  // An option ends where its name does: --keep is not there because of --keep-every.
  return std::regex_search(help, std::regex("(^|[ ,\\[])" + option + "([ ,=\\]\n]|$)"));
}

std::string joined_lines(std::string text) {
  for (std::size_t at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n")) text.replace(at, 2, " ");
  return text;
}

/// Pieces of code of a page with their place: blocks, and what stands in backticks.
std::vector<std::pair<std::string, std::string>> code_of(const Page& page) {
  const std::string file = fs::relative(page.file, source).string() + ":";
  std::vector<std::pair<std::string, std::string>> pieces;
  for (const PageBlock& block : page.blocks)
    if (block.language == "sh") pieces.emplace_back(joined_lines(block.text), file + std::to_string(block.line));
  for (const auto& [span, line] : page.code_spans) pieces.emplace_back(span, file + std::to_string(line));
  return pieces;
}

void look_for_options(const std::string& line, const std::string& where, Help& help) {
  static const std::regex call("(^|[ /(])(fergraph|own_node) ([^|;&<>#`]*)");
  for (std::sregex_iterator at(line.begin(), line.end(), call), end; at != end; ++at) {
    std::istringstream words((*at)[3]);
    std::string command;
    bool at_command = true;
    for (std::string word; words >> word;) {
      if (at_command) {
        const std::vector<std::string> known = help.commands_of(command);
        at_command = std::find(known.begin(), known.end(), word) != known.end();
        if (at_command) {
          command += (command.empty() ? "" : " ") + word;
          continue;
        }
        const bool is_name = std::regex_match(word, std::regex("[a-z]+"));
        BOOST_TEST((known.empty() || !is_name), where << ": there is no command '" << command << " " << word << "'");
      }
      if (word.starts_with("-"))
        BOOST_TEST(has_option(help.of(command), word.substr(0, word.find('='))),
                   where << ": `fergraph " << command << "` has no option " << word);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(named)

BOOST_AUTO_TEST_CASE(options_are_in_the_help) {
  Help help;
  for (const fs::path& file : documentation_pages()) {
    const Page page = read_page(file);
    for (const auto& [code, where] : code_of(page)) {
      std::istringstream lines(code);
      for (std::string line; std::getline(lines, line);) look_for_options(line, where, help);
    }
    // An option that is named alone belongs to one of the commands.
    for (const auto& [span, line] : page.code_spans) {
      if (!std::regex_match(span, std::regex("--[a-z].*"))) continue;
      const std::string option = span.substr(0, span.find_first_of(" ="));
      bool found = has_option(help.of(""), option) || option == "--check";
      for (const std::string& command : help.commands_of("")) {
        found = found || has_option(help.of(command), option);
        for (const std::string& each : help.commands_of(command))
          found = found || has_option(help.of(command + " " + each), option);
      }
      BOOST_TEST(found, fs::relative(file, source).string() << ":" << line << ": no command has the option " << option);
    }
  }
}

BOOST_AUTO_TEST_CASE(files_of_the_repository_exist) {
  static const std::regex path(
      "(?:^|[ ='\"(\\[,:])((?:pipelines|examples|bench|tests|docs|graph|nodes|cli|datasets|report)/[A-Za-z0-9_./-]+)");
  for (const fs::path& file : documentation_pages()) {
    const Page page = read_page(file);
    for (const auto& [code, where] : code_of(page))
      for (std::sregex_iterator at(code.begin(), code.end(), path), end; at != end; ++at) {
        std::string name = (*at)[1];
        while (name.ends_with('.') || name.ends_with('/')) name.pop_back();
        // METHOD.yaml and tests/packs/<name> stand for several.
        if (std::regex_search(name, std::regex("[A-Z]{3,}(?!ME)"))) continue;
        if (const char next = at->suffix().length() ? *at->suffix().first : ' '; next == '<' || next == '*') continue;
        BOOST_TEST(fs::exists(source / name), where << ": there is no " << name);
      }
  }
}

BOOST_AUTO_TEST_CASE(commands_of_the_script_exist) {
  const std::string script = text_of(source / "dev");
  for (const fs::path& file : documentation_pages()) {
    const Page page = read_page(file);
    for (const auto& [code, where] : code_of(page)) {
      static const std::regex call("\\./dev ([a-z]+)");
      for (std::sregex_iterator at(code.begin(), code.end(), call), end; at != end; ++at)
        BOOST_TEST(script.find("\n  " + (*at)[1].str() + " ") != std::string::npos,
                   where << ": ./dev has no command '" << (*at)[1].str() << "'");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_reference_of_nodes_is_that_of_the_contracts) {
  const Scratch scratch;
  const ShellResult reference = Shell(scratch.folder).run("fergraph nodes --markdown");
  BOOST_TEST(reference.code == 0);
  BOOST_TEST((reference.output == text_of(source / "docs/nodes.md")),
             "docs/nodes.md is not what the contracts of the nodes say now. `./dev docs` writes it anew.");
}

BOOST_AUTO_TEST_SUITE_END()
