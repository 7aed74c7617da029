// Shipped pipeline files, run in this process on a few synthetic faces.
#pragma once

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "graph/document.hpp"
#include "graph/run.hpp"
#include "nodes/register.hpp"
#include "tests/small_photographs.hpp"

namespace fergraph::test {

inline const std::filesystem::path source_folder = FERGRAPH_SOURCE_DIR;
inline const std::filesystem::path pipelines = source_folder / "pipelines";

inline const Registry& registry() {
  static const std::unique_ptr<Registry> made = [] {
    auto fresh = std::make_unique<Registry>();
    register_nodes(*fresh);
    return fresh;
  }();
  return *made;
}

/// Preprocesses with a shipped file of pipelines/faces.
inline void preprocess(const std::string& file, std::vector<std::string> settings, int threads) {
  RunOptions options;
  options.threads = threads;
  Run run(check_pipeline(load_document({pipelines / "faces" / file, {}, std::move(settings)}), registry()), options);
  run.preprocess();
}

/// A suite's fixture: the photographs in folder/photographs, and their faces in folder/faces.h5.
struct SmallFaces : SmallPhotographs {
  SmallFaces() {
    folder = scratch->folder;
    preprocess("demo.yaml",
               {"photographs=" + (folder / "photographs").string(), "cache=" + (folder / "faces.h5").string()}, 2);
  }
  static inline std::filesystem::path folder;
};

/// All that a run gave, as text with the bits of every number: equal where two runs were the same.
struct Traces : RunObserver {
  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override {
    for (const RecordedValue& value : values) {
      const auto numbers = value.numbers();
      if (!numbers) continue;
      records << section_name(section) << ' ' << clock.iteration << ' ' << *value.name << ' ' << std::hexfloat;
      for (std::size_t i = 0; i < numbers->size(); ++i) records << numbers->at(i) << ',';
      records << '\n';
      ++count;
    }
  }
  void void_sample(const VoidSample& sample) override {
    records << "void " << sample.name << ' ' << sample.reason << '\n';
  }
  std::ostringstream records;
  int count = 0;
};

struct Result {
  std::string records;
  int count = 0;
  std::string states;  // the bytes of all of them
};

/// Trains a file for one epoch of two steps, or as `more` says.
inline Result train(const std::filesystem::path& file, int threads, const std::vector<std::string>& more = {},
                    std::uint64_t seed = 1, int lanes = 1) {
  LoadOptions load;
  load.file = file;
  load.settings = {"cache=" + (SmallFaces::folder / "faces.h5").string(),
                   "labels=14",
                   "epochs=1",
                   "steps=2",
                   "batch_labeled=6",
                   "batch_test=7",
                   "lr=1e-3"};
  const Tree root = load_document({file, {}, {}}).root;
  if (root.find("params")->find("batch_unlabeled")) load.settings.push_back("batch_unlabeled=6");
  load.settings.insert(load.settings.end(), more.begin(), more.end());
  Traces traces;
  RunOptions options;
  options.threads = threads;
  options.lanes = lanes;
  options.seed = seed;
  options.observer = &traces;
  Run run(check_pipeline(load_document(load), registry()), options);
  run.train();
  Result result{traces.records.str(), traces.count, {}};
  for (const StatePlan& state : run.pipeline().states)
    for (const auto& [name, blob] : run.state(state.name)->save()) {
      result.states += state.name + "." + name + " " + blob.dtype;
      result.states.append(reinterpret_cast<const char*>(blob.bytes.data()), blob.bytes.size());
    }
  return result;
}

/// The files of a folder of pipelines/, in the order of their names.
inline std::vector<std::filesystem::path> files_in(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(pipelines / folder))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace fergraph::test
