// Runs the commands of README.md and docs/ as they are written, and compares what they print with what the pages show.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <regex>
#include <sstream>

#include "tests/docs/markdown_page.hpp"
#include "tests/docs/shell.hpp"

namespace fs = std::filesystem;
using namespace fergraph::test;

namespace {

const fs::path source = FERGRAPH_SOURCE_DIR;

using Mark = PageBlock::Mark;

std::string place(const Page& page, const PageBlock& block) {
  return fs::relative(page.file, source).string() + ":" + std::to_string(block.line);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Blanks are one; numbers are all the same, but where they must be exact.
std::string shape_of(const std::string& line, bool exact) {
  static const std::regex number("[-+]?[0-9]+(,[0-9]{3}(?![0-9]))*([.:][0-9]+)*(e[-+]?[0-9]+)?");
  static const std::regex blanks("[ \t]+");
  std::string text = std::regex_replace(exact ? line : std::regex_replace(line, number, "#"), blanks, " ");
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

/// Whether a line has the shape of the one shown; … stands for anything.
bool fits(const std::string& shown, const std::string& printed, bool exact) {
  const std::string dots = "…";
  const std::string text = shape_of(printed, exact);
  const std::string wanted = shape_of(shown, exact);
  std::size_t at = 0;
  for (std::size_t begin = 0; begin <= wanted.size();) {
    const std::size_t end = std::min(wanted.find(dots, begin), wanted.size());
    const std::string part = wanted.substr(begin, end - begin);
    const bool is_first = begin == 0;
    const bool is_last = end == wanted.size();
    const std::size_t found =
        is_first ? (text.starts_with(part) ? 0 : std::string::npos)
        : is_last
            ? (text.ends_with(part) && text.size() - part.size() >= at ? text.size() - part.size() : std::string::npos)
            : text.find(part, at);
    if (found == std::string::npos) return false;
    at = found + part.size();
    if (is_last) return !is_first || at == text.size();
    begin = end + dots.size();
  }
  return true;
}

/// The first shown line that does not come in its turn; empty where all do.
std::string missing_line(const std::string& shown, const std::string& printed, bool exact) {
  const std::vector<std::string> lines = lines_of(printed);
  std::size_t at = 0;
  for (const std::string& line : lines_of(shown)) {
    if (shape_of(line, exact).empty() || line == "…") continue;
    while (at < lines.size() && !fits(line, lines[at], exact)) ++at;
    if (at++ == lines.size()) return line;
  }
  return {};
}

struct RunRule {
  int code = 0;
  std::string more;
  std::vector<std::string> needs;
};

RunRule read_rule(const std::string& text) {
  RunRule rule;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ';');) {
    std::istringstream words(part);
    std::string verb, rest;
    words >> verb >> std::ws;
    std::getline(words, rest);
    if (verb == "with")
      rule.more = rest;
    else if (verb == "exit")
      rule.code = std::stoi(rest);
    else if (verb == "needs")
      rule.needs.push_back(rest);
    else
      throw std::runtime_error("A block is run with the rules 'with', 'exit' and 'needs', and not '" + verb + "'.");
  }
  return rule;
}

bool is_there(const std::string& need, const Shell& shell) {
  const std::string module = "python:";
  return shell
             .run(need.starts_with(module) ? "python3 -c 'import " + need.substr(module.size()) + "'"
                                           : "command -v " + need)
             .code == 0;
}

/// What `./dev demo` leaves, with few photographs; made once.
const fs::path& demo() {
  static const Scratch made;
  static const ShellResult result = [] {
    fs::copy(source / "pipelines", made / "pipelines", fs::copy_options::recursive);
    return Shell(made.folder)
        .run(
            "fergraph synthesize demo/photographs --train 280 --test 70 --quiet\n"
            "fergraph run pipelines/faces/demo.yaml --quiet --out made\n");
  }();
  BOOST_REQUIRE_MESSAGE(result.code == 0, "The faces of the demo cannot be made: " << result.output);
  static const fs::path folder = made / "demo";
  return folder;
}

/// What a reader's folder holds: the shipped files, the demo's faces, and the programs of the build.
void furnish(const Scratch& scratch) {
  fs::copy(demo(), scratch / "demo", fs::copy_options::recursive);
  for (const char* folder : {"pipelines", "examples"})
    fs::copy(source / folder, scratch / folder, fs::copy_options::recursive);
  fs::create_directories(scratch / "build");
  fs::create_directory_symlink(fs::path(FERGRAPH_PROGRAM).parent_path(), scratch / "build" / "release");
}

void run_page(const Page& page) {
  const Scratch scratch;
  furnish(scratch);
  const Shell shell(scratch.folder);
  std::string printed;
  bool was_run = false;
  for (const PageBlock& block : page.blocks) {
    BOOST_TEST_CONTEXT(place(page, block)) {
      if (block.mark == Mark::file) {
        scratch.write(block.rule, block.text);
      } else if (block.mark == Mark::run || block.mark == Mark::setup) {
        const RunRule rule = read_rule(block.rule);
        was_run = std::all_of(rule.needs.begin(), rule.needs.end(),
                              [&](const std::string& need) { return is_there(need, shell); });
        if (!was_run) {
          BOOST_TEST_MESSAGE(place(page, block) << " is skipped: " << block.rule << ", which is not installed here");
          continue;
        }
        const ShellResult result = shell.run(block.text, rule.more);
        printed = result.output;
        BOOST_REQUIRE_MESSAGE(result.code == rule.code, place(page, block)
                                                            << ": the commands end with " << result.code << " and not "
                                                            << rule.code << ". They print:\n"
                                                            << result.output);
      } else if (block.mark == Mark::output && was_run) {
        const std::string missing = missing_line(block.text, printed, block.rule == "exact");
        BOOST_TEST(missing.empty(), place(page, block) << ": the page shows the line\n  " << missing
                                                       << "\nwhich does not come in its turn in what is printed:\n"
                                                       << printed);
      }
    }
  }
}

std::vector<std::string> names_of_pages() {
  std::vector<std::string> names;
  for (const fs::path& file : documentation_pages()) names.push_back(fs::relative(file, source).string());
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(commands)

BOOST_DATA_TEST_CASE(marked_commands_run_as_written, boost::unit_test::data::make(names_of_pages()), name) {
  run_page(read_page(source / name));
}

BOOST_AUTO_TEST_CASE(every_block_of_commands_says_whether_it_is_run) {
  for (const fs::path& file : documentation_pages()) {
    const Page page = read_page(file);
    for (const PageBlock& block : page.blocks) {
      if (block.language == "sh")
        BOOST_TEST((block.mark == Mark::run || block.mark == Mark::setup ||
                    (block.mark == Mark::not_run && !block.rule.empty())),
                   place(page, block) << ": put <!-- run --> before the block, or <!-- not run: and why -->");
      if (block.mark == Mark::output) {
        BOOST_TEST(block.language != "sh", place(page, block) << ": output is no command; write ```text");
        BOOST_TEST((block.rule.empty() || block.rule == "exact"), place(page, block) << ": output has no such rule");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(excerpts_stand_in_their_files) {
  for (const fs::path& file : documentation_pages()) {
    const Page page = read_page(file);
    for (const PageBlock& block : page.blocks)
      if (block.mark == Mark::part_of)
        BOOST_TEST(text_of(source / block.rule).find(block.text) != std::string::npos,
                   place(page, block) << ": this does not stand like this in " << block.rule);
  }
}

BOOST_AUTO_TEST_CASE(lines_are_compared_by_their_shape) {
  BOOST_TEST(fits("epoch 1/3, 12.5 faces/s", "epoch 2/3,  9,000 faces/s", false));
  BOOST_TEST(!fits("3 nodes, …", "4 nodes, fine", true));
  BOOST_TEST(fits("3 nodes, …", "3 nodes,  fine", true));
  BOOST_TEST(fits("runs/…/pipeline.yaml", "runs/baseline/20240101-aa/pipeline.yaml", false));
  BOOST_TEST(!fits("runs/…/pipeline.yaml", "runs/baseline/pipeline.yam", false));
  BOOST_TEST(fits("[0.5,…]", "[0.25,0.125,1e-3]", false));
  BOOST_TEST(!fits("epoch 1", "epoch 1 of 3", false));
  BOOST_TEST(missing_line("a 1\n…\nc\n", "a 2\nb\nc\n", false) == "");
  BOOST_TEST(missing_line("c\na\n", "a\nb\nc\n", false) == "a");
}

BOOST_AUTO_TEST_SUITE_END()
