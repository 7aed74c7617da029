// Writes a parity pack of a run while it trains: what `fergraph replay` compares another run with.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "graph/run.hpp"

namespace fergraph {

/// Records batches, initial and final weights, and every record of a run. The pack stands under its name only when the
/// run has ended; until then it is NAME.part, and without an end nothing stays.
///
/// What a pack cannot hold is refused before the run trains, with RunError: dropout, networks of different heads, or
/// whose input is not RGB with ImageNet's mean and deviation.
class PackRecorder : public RunObserver {
 public:
  explicit PackRecorder(std::filesystem::path file);
  ~PackRecorder() override;
  PackRecorder(const PackRecorder&) = delete;
  PackRecorder& operator=(const PackRecorder&) = delete;

  /// For RunOptions::tap. The recorder must outlive the run.
  Tap tap();
  /// Before the run trains: what its pipeline is, initial weights and the streams' samples.
  void begin(Run& run, std::uint64_t seed);
  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override;
  /// After the run has trained: final weights; gives the pack its name.
  void finish(Run& run);

 private:
  class File;
  class Reader;
  class RecordedFeed;
  void write_networks(Run& run, const std::string& group);

  std::filesystem::path path_;
  std::unique_ptr<File> file_;
  std::int64_t steps_ = 0;
};

}  // namespace fergraph
