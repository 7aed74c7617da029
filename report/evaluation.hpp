// Scoring the networks of a run on any faces, from any of its checkpoints.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "report/evaluation_document.hpp"
#include "report/saved_states.hpp"
#include "report/trained_faces.hpp"

namespace fergraph {

/// What is measured.
struct MeasuredFaces {
  std::string name = "test";  // of the result and its files
  std::string data;           // where the faces are from, for people; empty: the run's own
  OtherFaces faces;
  bool resize = false;  // faces of another size than the run's, which are refused else
};

struct EvaluationOptions {
  int threads = 0;  // of streams
  std::string device = "cpu";
  std::stop_token stop;
};

/// The faces of the measured stream that were scored, N entries each.
struct EvaluatedFaces {
  std::vector<std::string> caches;   // (not N) the files
  std::vector<std::int64_t> index;   // in the source of the stream
  std::vector<std::int32_t> cache;   // which of the caches; -1 where the source knows none
  std::vector<std::int64_t> face;    // its place in the cache; -1 the same
  std::vector<std::string> ids;      // as the cache names it: the photograph's path
  std::vector<std::int64_t> given;   // class by which the run is trained or measured, -1 unknown
  std::vector<std::int64_t> actual;  // class as the data set gives it, -1 unknown
};

struct Evaluation {
  std::string name;        // of MeasuredFaces
  std::string data;        // the same
  std::string checkpoint;  // of SavedStates
  std::vector<std::string> networks;
  std::vector<std::string> class_names;
  torch::Tensor probs;     // float [N,C] on the CPU, mean over the networks
  torch::Tensor logits;    // float [N,C]; undefined where the probabilities come from no single pass
  torch::Tensor features;  // float [N,D], of the first network
  EvaluatedFaces faces;
  std::map<std::string, NumericArray> measured;  // the outputs of the node `accuracy`, by their names
  std::map<std::string, NumericArray> records;   // test.*, those of at most 1024 numbers
  std::int64_t voids = 0;                        // faces that could not be read
  std::vector<std::string> warnings;             // complete sentences

  std::int64_t size() const { return static_cast<std::int64_t>(faces.index.size()); }
  /// An output of `accuracy` that is one number, NaN where there is none of the name.
  double number(const std::string& output) const;
};

/// A run whose networks are to be scored.
class EvaluatedRun {
 public:
  /// Throws RunError where the directory holds no run, or one that does not train, and PipelineError where its file
  /// does not check.
  EvaluatedRun(std::filesystem::path directory, const Registry& registry);

  const std::filesystem::path& directory() const { return directory_; }
  const Document& document() const { return document_; }
  const Pipeline& pipeline() const { return pipeline_; }
  const TrainedFaces& trained() const { return trained_; }

  /// Faces' labels are mapped to the run's classes by name. Throws PipelineError and RunError for what cannot be, such
  /// as faces of a class that the run does not know or of another size, Cancelled where it was stopped.
  Evaluation evaluate(const MeasuredFaces& what, const SavedStates& states, const EvaluationOptions& options) const;

 private:
  std::filesystem::path directory_;
  const Registry& registry_;
  Document document_;
  Pipeline pipeline_;
  TrainedFaces trained_;
};

}  // namespace fergraph
