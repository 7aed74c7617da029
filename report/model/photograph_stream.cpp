#include "report/model/photograph_stream.hpp"

#include <algorithm>
#include <thread>

namespace fergraph {
namespace {

// The pipeline, over a registry in which its source is this one.
Pipeline checked(const FacePipeline& faces, Registry registry, const std::shared_ptr<PhotographList>& source) {
  NodeType type = PhotographList::contract().type();
  type.prepare = [source](const void*, const Preparation&) { return source; };
  registry.add(std::move(type));
  Document document;
  document.root = parse_yaml(faces.text, "the preprocessing of the model");
  return check_pipeline(document, registry);
}

int threads_of(int given) {
  return given > 0 ? given : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

PreparedNode prepared(const NodePlan& plan) {
  PreparedNode node;
  node.plan = &plan;
  node.name = name_hash(plan.qualified);
  node.states = std::make_shared<Box>(*plan.type->state_struct);
  Preparation preparation;
  preparation.node = plan.qualified;
  preparation.place = plan.place;
  try {
    node.object = plan.type->prepare(plan.parameters.get(), preparation);
  } catch (const std::exception& error) {
    std::string text = "The model's '" + plan.name + "' (" + plan.type->name + ") cannot be prepared: " + error.what();
    // The file that names its weights is of the training, and not there to be changed.
    if (plan.type->name.starts_with("detect_"))
      text += " Name a detector that is here: --detector mtcnn:FOLDER, --detector yunet:FILE or --detector haar.";
    throw RunError(text);
  }
  return node;
}

}  // namespace

PhotographStream::PhotographStream(const FacePipeline& faces, Registry registry, const Options& options)
    : pipeline_(checked(faces, std::move(registry), source_)),
      parallelism_(tbb::global_control::max_allowed_parallelism,
                   static_cast<std::size_t>(threads_of(options.threads) + 1)),
      // One slot beyond the workers is kept for whoever puts photographs in.
      arena_(threads_of(options.threads) + 1, 1) {
  environment_.arena = &arena_;
  environment_.threads = threads_of(options.threads);
  environment_.scope = pipeline_.scope;
  environment_.stop = options.stop;
  environment_.on_void = options.on_void;
  const StreamPlan& plan = pipeline_.streams.front();
  std::vector<PreparedNode> nodes;
  for (const NodePlan& node : plan.nodes) nodes.push_back(prepared(node));
  stream_.emplace(plan, std::move(nodes), environment_);
}

std::unique_ptr<Feed> PhotographStream::open(std::shared_ptr<const SampleTable> photographs) {
  source_->show(std::move(photographs));
  FeedRequest request;
  request.section = Section::epoch_end;
  request.reader = "predict";
  request.items.assign(stream_->items().size(), true);
  return stream_->open(request);
}

}  // namespace fergraph
