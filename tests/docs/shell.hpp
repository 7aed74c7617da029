// Command lines as a reader would type them, in a folder of the test's own.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "tests/scratch_folder.hpp"

namespace fergraph::test {

struct ShellResult {
  int code = -1;
  std::string output;  // of both channels, in the order in which it was written
};

/// Runs commands in bash, which stops at the first that fails (124: they took more than a minute). `fergraph` is the
/// program of this build.
class Shell {
 public:
  explicit Shell(const std::filesystem::path& folder) : folder_(folder), tools_(folder / ".tools") {
    std::filesystem::create_directories(tools_ / "bin");
    // `more` are the small settings of the test, for the commands that would take long without.
    write("bin/fergraph",
          "#!/bin/bash\n"
          "case \"$1 $*\" in\n"
          "  *--resume*|*--help*) exec " FERGRAPH_PROGRAM
          " \"$@\" ;;\n"
          "  run*|sweep*) exec " FERGRAPH_PROGRAM
          " \"$@\" $more ;;\n"
          "  *) exec " FERGRAPH_PROGRAM
          " \"$@\" ;;\n"
          "esac\n");
    std::filesystem::permissions(tools_ / "bin/fergraph", std::filesystem::perms::owner_all);
  }

  ShellResult run(const std::string& commands, const std::string& more = {}) const {
    write("commands", commands);
    const std::string line = "cd '" + folder_.string() + "' && PATH='" + (tools_ / "bin").string() + "':$PATH more='" +
                             more + "' OMP_WAIT_POLICY=passive timeout 60 bash -euo pipefail '" +
                             (tools_ / "commands").string() + "' >'" + (tools_ / "output").string() +
                             "' 2>&1 </dev/null";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(tools_ / "output")};
  }

 private:
  void write(const std::string& name, const std::string& text) const { std::ofstream(tools_ / name) << text; }

  std::filesystem::path folder_;
  std::filesystem::path tools_;
};

}  // namespace fergraph::test
