#include "nodes/register.hpp"

#include <array>

#include "nodes/augment/augment.hpp"
#include "nodes/batch/collate.hpp"
#include "nodes/batch/face_cache.hpp"
#include "nodes/batch/face_union.hpp"
#include "nodes/face/align_all.hpp"
#include "nodes/face/align_face.hpp"
#include "nodes/face/choose_face.hpp"
#include "nodes/face/decode_photograph.hpp"
#include "nodes/face/detect_haar.hpp"
#include "nodes/face/detect_mtcnn.hpp"
#include "nodes/face/detect_yunet.hpp"
#include "nodes/face/face_region.hpp"
#include "nodes/face/landmarks_of_boxes.hpp"
#include "nodes/face/layout_photographs.hpp"
#include "nodes/face/photographs.hpp"
#include "nodes/face/whole_picture.hpp"
#include "nodes/face/write_cache.hpp"
#include "nodes/loss/cross_entropy.hpp"
#include "nodes/loss/hinted_cross_entropy.hpp"
#include "nodes/loss/info_nce.hpp"
#include "nodes/loss/map_difference.hpp"
#include "nodes/loss/negative_learning.hpp"
#include "nodes/loss/sigmoid_gap.hpp"
#include "nodes/loss/squared_difference.hpp"
#include "nodes/loss/symmetric_kl.hpp"
#include "nodes/loss/weighted_sum.hpp"
#include "nodes/measure/accuracy.hpp"
#include "nodes/measure/count_selected.hpp"
#include "nodes/measure/number.hpp"
#include "nodes/measure/selection_quality.hpp"
#include "nodes/network/class_activation.hpp"
#include "nodes/network/forward.hpp"
#include "nodes/network/pass.hpp"
#include "nodes/partition/any_of.hpp"
#include "nodes/partition/beta_mixture.hpp"
#include "nodes/partition/class_margin.hpp"
#include "nodes/partition/class_status.hpp"
#include "nodes/partition/class_threshold.hpp"
#include "nodes/partition/curriculum_threshold.hpp"
#include "nodes/partition/partition_by_class.hpp"
#include "nodes/partition/partition_of.hpp"
#include "nodes/partition/random_rows.hpp"
#include "nodes/partition/same_labels.hpp"
#include "nodes/partition/small_loss.hpp"
#include "nodes/partition/smallest.hpp"
#include "nodes/partition/threshold.hpp"
#include "nodes/score/confidence.hpp"
#include "nodes/score/confidence_branch.hpp"
#include "nodes/score/label_gap.hpp"
#include "nodes/score/label_probability.hpp"
#include "nodes/score/label_similarity.hpp"
#include "nodes/score/rescale.hpp"
#include "nodes/score/sharpen.hpp"
#include "nodes/score/weighted_scores.hpp"
#include "nodes/target/binned_weights.hpp"
#include "nodes/target/candidate_labels.hpp"
#include "nodes/target/complementary_labels.hpp"
#include "nodes/target/draw_mix.hpp"
#include "nodes/target/fill_table.hpp"
#include "nodes/target/log.hpp"
#include "nodes/target/look_up_labels.hpp"
#include "nodes/target/mix.hpp"
#include "nodes/target/soft_labels_of.hpp"
#include "nodes/target/store_labels.hpp"
#include "nodes/target/store_weights.hpp"
#include "nodes/target/table.hpp"
#include "nodes/target/update_prototypes.hpp"
#include "nodes/target/weigh_candidates.hpp"
#include "nodes/target/weights_of.hpp"
#include "nodes/thread_scope.hpp"
#include "nodes/update/adam.hpp"
#include "nodes/update/ema.hpp"
#include "nodes/update/optimize.hpp"
#include "nodes/update/sgd.hpp"
#include "nodes/update/shrink.hpp"

namespace fergraph {

namespace {

void register_states(Registry& registry) {
  registry.state<Network>();
  registry.state<Table>();
  registry.state<Log>();
  registry.state<Sgd>();
  registry.state<Adam>();
  registry.state<AdamW>();
}

void register_face(Registry& registry) {
  registry.node<CsvPhotographs>();
  registry.node<FolderPhotographs>();
  register_layout_photographs(registry);
  registry.node<LandmarkRegion>();
  registry.node<BoxRegion>();
  registry.node<Decode>();
  registry.node<DetectHaar>();
  registry.node<DetectMtcnn>();
  registry.node<DetectYunet>();
  registry.node<WholePicture>();
  registry.node<ChooseFace>();
  registry.node<LandmarksOfBoxes>();
  registry.node<AlignLandmarks>();
  registry.node<AlignBox>();
  registry.node<AlignAllLandmarks>();
  registry.node<AlignAllBoxes>();
  registry.node<WriteCache>();
}

void register_batch(Registry& registry) {
  register_collators(registry);
  registry.node<FaceCacheSource>();
  registry.node<FaceUnion>();
  registry.node<MissingFaces>();
}

void register_augment(Registry& registry) { registry.node<Augment>(); }

void register_network(Registry& registry) {
  registry.node<Forward>();
  registry.node<Pass>();
  registry.node<ClassActivation>();
}

void register_score(Registry& registry) {
  registry.node<Confidence>();
  registry.node<ConfidenceBranch>();
  registry.node<LabelGap>();
  registry.node<Sharpen>();
  registry.node<LabelProbability>();
  registry.node<LabelSimilarity>();
  registry.node<Rescale>();
  registry.node<WeightedScores>();
}

void register_partition(Registry& registry) {
  registry.node<Threshold>();
  registry.node<ClassThreshold>();
  registry.node<ClassMargin>();
  registry.node<ClassStatus>();
  registry.node<CurriculumThreshold>();
  registry.node<AnyOf>();
  registry.node<SameLabels>();
  registry.node<RandomRows>();
  registry.node<SmallLoss>();
  registry.node<Smallest>();
  registry.node<PartitionByClass>();
  registry.node<PartitionOf>();
  registry.node<BetaMixture>();
}

void register_target(Registry& registry) {
  registry.node<SoftLabelsOf>();
  registry.node<FillTable>();
  registry.node<ClearLog>();
  registry.node<CandidateLabels>();
  registry.node<WeighCandidates>();
  registry.node<UpdatePrototypes>();
  registry.node<ComplementaryLabels>();
  registry.node<LookUpLabels>();
  registry.node<StoreLabels>();
  registry.node<DrawMix>();
  registry.node<Mix>();
  registry.node<WeightsOf>();
  registry.node<BinnedWeights>();
  registry.node<StoreWeights>();
}

void register_loss(Registry& registry) {
  registry.node<CrossEntropy>();
  registry.node<HintedCrossEntropy>();
  registry.node<SquaredDifference>();
  registry.node<SymmetricKl>();
  registry.node<MapDifference>();
  registry.node<InfoNce>();
  registry.node<NegativeLearning>();
  registry.node<SigmoidGap>();
  registry.node<WeightedSum>();
}

void register_update(Registry& registry) {
  registry.node<Optimize>();
  registry.node<Ema>();
  registry.node<Shrink>();
}

void register_measure(Registry& registry) {
  registry.node<Accuracy>();
  registry.node<CountSelected>();
  registry.node<SelectionQuality>();
  registry.node<NumberNode>();
}

}  // namespace

std::span<const NodeStage> node_stages() {
  static constexpr std::array<NodeStage, 10> stages = {{
      {"face", "From photographs to aligned faces in a cache: nodes of preprocessing streams.", &register_face},
      {"batch", "From a cache to batches: where the streams of a training pipeline begin and end.", &register_batch},
      {"augment", "Views of a face.", &register_augment},
      {"network", "Networks over images.", &register_network},
      {"score", "Numbers per sample, and probabilities made of others.", &register_score},
      {"partition", "Which samples are taken for what: thresholds, margins, mixtures, small losses.",
       &register_partition},
      {"target", "What is learned from: pseudo-labels, candidates, mixtures of samples, weights, prototypes.",
       &register_target},
      {"loss", "Losses, and their sum.", &register_loss},
      {"update", "What moves weights.", &register_update},
      {"measure", "What is recorded.", &register_measure},
  }};
  return stages;
}

void register_nodes(Registry& registry) {
  registry.thread_scope(std::make_shared<TorchThreadScope>());
  register_states(registry);
  for (const NodeStage& stage : node_stages()) stage.register_nodes(registry);
}

}  // namespace fergraph
