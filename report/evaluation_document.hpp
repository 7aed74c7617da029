// A run's pipeline cut down to what measures its networks, and fed with other faces: the file that an evaluation runs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graph/document.hpp"
#include "graph/pipeline.hpp"
#include "nodes/batch/cache_selection.hpp"

namespace fergraph {

/// What takes the place of the faces that a run was tested with.
struct OtherFaces {
  /// The run's document with data files and settings merged over it, of which everything is taken but the states and
  /// the classes. Nothing: the run's own.
  std::optional<Document> merged;
  /// A stream of the document, whose faces are taken instead of those of the stream that is measured; empty: none.
  /// Samples without a face do not count then.
  std::string stream;
  std::optional<std::string> split;  // in place of that of the selection
  std::vector<std::string> classes;  // by which labels are to be numbered; as the selections say where empty
  int width = 0, height = 0;         // to which faces are resized; 0: not
};

/// Records of the document, beside its own `test.*`: what an evaluation takes from it.
namespace evaluation_record {
inline constexpr const char* probs = "evaluation.probs";        // float [N,C], of the networks that make test.accuracy
inline constexpr const char* logits = "evaluation.logits";      // float [N,C]
inline constexpr const char* features = "evaluation.features";  // float [N,D], of the first of them
inline constexpr const char* labels = "evaluation.labels";      // int64 [N]
inline constexpr const char* index = "evaluation.index";        // int64 [N], in the source of the stream
/// Before the name of each output of the node that makes test.accuracy.
inline constexpr const char* measured = "evaluation.measured.";
}  // namespace evaluation_record

/// A pipeline without a step whose end of an epoch measures networks: see Run::measure.
struct EvaluationPipeline {
  Pipeline pipeline;
  std::string stream;                      // that is measured: `test`
  std::vector<std::string> networks;       // the states whose probabilities are measured
  std::vector<CacheSelection> selections;  // that the stream is fed with; none where its source knows no caches
  bool takes_faces_as_they_are = true;     // nothing resizes them between the source and the networks
};

/// Which nodes, streams and states are needed is found from the bindings of the checked pipelines. Networks do not load
/// their initial weights. Throws PipelineError where `merged` does not check, and RunError where no record `test.*` is
/// made by a node `accuracy` over a `pass`, or there is no stream of the name in `faces`.
EvaluationPipeline evaluation_pipeline(const Document& run, const OtherFaces& faces, const Registry& registry);

/// The streams that the step reads, in the file's order.
std::vector<int> streams_of_step(const Pipeline& pipeline);

/// Whether the batches of a stream have an item of labels.
bool gives_labels(const StreamPlan& stream);

}  // namespace fergraph
