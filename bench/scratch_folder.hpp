// A folder of its own for a benchmark that writes files.
#pragma once

#include <stdlib.h>

#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>

namespace fergraph::bench {

/// Runs `body` with a folder of its own under `parent`, removed at the end; returns its exit status.
inline int in_scratch_folder(const std::filesystem::path& parent,
                             const std::function<int(const std::filesystem::path&)>& body) {
  std::string folder = (parent / "fergraph-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) {
    std::cerr << "Nothing can be written in '" << parent.string() << "': give another folder.\n";
    return 2;
  }
  int result = 1;
  try {
    result = body(folder);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  std::filesystem::remove_all(folder);
  return result;
}

}  // namespace fergraph::bench
