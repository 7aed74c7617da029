// The longer words of a command's --help: what it does and writes, how it ends, examples.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace fergraph {

struct Manual {
  std::string about;   // beyond the one line of the list of commands; may be empty, as the next
  std::string writes;  // files and standard output
  /// What exit codes mean where they mean more than done, failed, wrong usage and interrupted.
  std::vector<std::pair<int, std::string>> codes;
  std::vector<std::string> examples;  // command lines that run as they are, where there is the data that they name
};

/// Puts it behind the options of the command's help.
void add_manual(CLI::App& command, const Manual& manual);

}  // namespace fergraph
