// A run that has learned for a moment from faces that a Haar cascade found, and a model that was exported from it.
#pragma once

#include <opencv2/imgcodecs.hpp>

#include "tests/cli/small_faces.hpp"

namespace fergraph::test {

/// A suite's fixture. In small_faces(): photographs/, faces.h5 (48 pixels, by pipelines/faces/csv.yaml), the run `run`
/// and the model `model`.
struct TrainedModel : SmallPhotographs {
  TrainedModel() {
    expect_done({"run", pipelines + "/faces/csv.yaml", "--set", "csv=photographs/faces.csv", "--set",
                 "label=expression", "--set", "size=48", "--set", "cache=faces.h5", "--out", "faces", "--quiet"});
    expect_done(train("baseline", {"--out", "run", "--quiet"}));
    expect_done({"export", "run", "-o", "model"});
  }
  static void expect_done(const std::vector<std::string>& arguments) {
    const Outcome outcome = run(small_faces(), arguments);
    BOOST_REQUIRE_EQUAL(outcome.code, 0);
  }
};

/// The synthetic photographs, in the order of a folder's listing.
inline std::vector<std::filesystem::path> photographs(std::size_t count) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(small_faces() / "photographs"))
    if (entry.path().extension() == ".jpg" || entry.path().extension() == ".png") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  found.resize(std::min(count, found.size()));
  return found;
}

}  // namespace fergraph::test
