// The program's runs over a few synthetic photographs, and their cache.
#pragma once

#include <sstream>

#include "tests/cli/child.hpp"
#include "tests/small_photographs.hpp"

namespace fergraph::test {

/// Of the suite's fixture, SmallPhotographs or SmallCache.
inline const std::filesystem::path& small_faces() { return SmallPhotographs::scratch->folder; }

/// A suite's fixture: also with small_faces() / "faces.h5".
struct SmallCache : SmallPhotographs {
  SmallCache() {
    const Outcome made = run(small_faces(), {"run", pipelines + "/faces/demo.yaml", "--set", "photographs=photographs",
                                             "--set", "cache=faces.h5", "--out", "faces", "--quiet"});
    BOOST_REQUIRE_EQUAL(made.code, 0);
  }
};

/// The arguments that preprocess the photographs in `photographs` into faces.h5 of the working directory.
inline std::vector<std::string> preprocess(const std::filesystem::path& photographs, const std::string& out = "run") {
  return {"run",   pipelines + "/faces/demo.yaml",
          "--set", "photographs=" + photographs.string(),
          "--set", "cache=faces.h5",
          "--out", out};
}

/// The arguments that train a shipped method for a moment on the suite's cache.
inline std::vector<std::string> train(const std::string& method, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"run", pipelines + "/methods/" + method + ".yaml"};
  for (const std::string& setting :
       {"cache=" + (small_faces() / "faces.h5").string(), std::string("labels=14"), std::string("epochs=1"),
        std::string("steps=2"), std::string("batch_labeled=4"), std::string("batch_test=7"), std::string("lr=1e-3")})
    arguments.insert(arguments.end(), {"--set", setting});
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.emplace_back("--no-report");  // Graphviz takes a while, and most tests have no need of it
  return arguments;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace fergraph::test
