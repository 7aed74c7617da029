// No node knows a method: methods' names stand in pipeline files, and in comments that cite, but in no code.
#include <regex>

#include "tests/pipelines/small_run.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(method_names)

namespace {

// The text without its comments; string literals stay.
std::string code_of(const std::string& text) {
  std::string code;
  enum { plain, line_comment, block_comment, quoted } in = plain;
  char quote = '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (in == plain && c == '/' && next == '/') in = line_comment;
    if (in == plain && c == '/' && next == '*') in = block_comment;
    if (in == line_comment && c == '\n') in = plain;
    if (in == block_comment && c == '*' && next == '/') {
      in = plain;
      ++i;
      continue;
    }
    if (in == line_comment || in == block_comment) {
      if (c == '\n') code += c;
      continue;
    }
    code += c;
    if (in == plain && (c == '"' || (c == '\'' && !(i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])))))) {
      in = quoted;
      quote = c;
    } else if (in == quoted && c == '\\') {
      code += next;
      ++i;
    } else if (in == quoted && (c == quote || c == '\n')) {
      in = plain;
    }
  }
  return code;
}

// As words, however they are spelled: ada-cm, ada_cm, AdaCM; but no endings of files (.pt).
const std::regex& methods() {
  static const std::regex words(
      "(^|[^a-z0-9_.])(ada[-_ ]?cm|lion|resup|asm|progressive[-_ ]?teacher|pt|mixmatch|fixmatch|flexmatch|uda|"
      "co[-_ ]?teaching|jocor|eac|mean[-_ ]?teacher)($|[^a-z0-9_])",
      std::regex::icase);
  return words;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_search_sees_code_and_literals_but_no_comments) {
  const auto finds = [](const std::string& text) { return std::regex_search(code_of(text), methods()); };
  BOOST_TEST(finds("run_asm(); int asm = 1;"));
  BOOST_TEST(finds("if (name == \"ada-cm\") {}"));
  BOOST_TEST(finds("const char* url = \"http://x\"; Lion lion;"));
  BOOST_TEST(finds("int pt;"));
  BOOST_TEST(!finds("int ptr = option; bool lionised;"));
  BOOST_TEST(!finds("load(\"weights.pt\");"));
  BOOST_TEST(!finds("int a;  // Ada-CM, eq. 4\n/* LION\n asm */ int b;"));
}

BOOST_AUTO_TEST_CASE(no_code_of_the_engine_or_of_the_nodes_names_a_method) {
  int files = 0;
  for (const std::string folder : {"graph", "nodes"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_folder / folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
      ++files;
      std::istringstream lines(code_of(text_of(entry.path())));
      int number = 0;
      for (std::string line; std::getline(lines, line);) {
        ++number;
        BOOST_TEST(!std::regex_search(line, methods()), entry.path().string() << ":" << number << ": " << line);
      }
    }
  BOOST_TEST(files > 50);
}

BOOST_AUTO_TEST_SUITE_END()
