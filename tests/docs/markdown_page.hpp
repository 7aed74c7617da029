// A page of the documentation, cut into what the tests look at: blocks of code with their marks, links, headings.
//
// Marks are HTML comments, which GitHub does not show, on a line of their own before a block:
//   <!-- run -->                  the block is run, in order with the page's others, in one scratch copy
//   <!-- run: with --set x=1 -->  `fergraph run` and `fergraph sweep` get these arguments too: small settings for the
//   test
//   <!-- run: exit 2 -->          it ends with this exit code instead of 0
//   <!-- run: needs mpirun -->    it is left out where this program (python:h5py: this module) is not installed
//   <!-- not run: why -->         the block is for the reader only
//   <!-- output -->               what the block before prints: these lines in this order, whatever the numbers; … is
//   anything
//   <!-- output: exact -->        the same, with their numbers
//   <!-- file: NAME -->           the block is the file NAME of the scratch copy from here on
//   <!-- part of: PATH -->        the block stands like this in a file of the repository
//   <!-- setup                    commands of several lines up to -->, run without being shown
// Several rules of a run are separated by semicolons. The scratch copy has the shipped files and the demo's faces.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fergraph::test {

struct PageBlock {
  enum class Mark { none, run, not_run, output, file, part_of, setup };
  Mark mark = Mark::none;
  std::string rule;      // what stands behind the mark's colon
  std::string language;  // "sh", "yaml", … as written behind the fence
  std::string text;      // the lines inside, each with its line end
  int line = 0;          // of the fence, from 1
};

struct PageLink {
  std::string target;
  int line = 0;
};

struct Page {
  std::filesystem::path file;
  std::vector<PageBlock> blocks;
  std::vector<PageLink> links;
  std::vector<std::string> anchors;  // as GitHub makes them of headings, and those of <a id="…">
  std::vector<std::pair<std::string, int>>
      code_spans;  // what stands in single backticks outside of blocks, with its line
};

/// Throws std::runtime_error for a block or a mark that is not closed, and for a mark without a block.
Page read_page(const std::filesystem::path& file);

/// README.md, CONTRIBUTING.md and all of docs/, of the repository.
std::vector<std::filesystem::path> documentation_pages();

}  // namespace fergraph::test
