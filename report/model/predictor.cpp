#include "report/model/predictor.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cache/jpeg_face.hpp"
#include "nodes/register.hpp"
#include "nodes/values.hpp"
#include "report/model/network_of_model.hpp"
#include "report/model/photograph_stream.hpp"

namespace fergraph {
namespace {

// What a sample of the stream gave.
struct Cut {
  std::int64_t sample = 0;
  std::vector<FacePrediction> faces;
};

void add_faces(const Batch& batch, std::vector<Cut>& cuts) {
  const auto* lists = batch.find<FaceLists>("faces");
  const auto* images = batch.find<Images>("faces");
  for (std::size_t i = 0; i < batch.samples.size(); ++i) {
    Cut& cut = cuts.emplace_back(Cut{batch.samples[i], {}});
    if (lists) {
      for (const CutFace& each : lists->photographs[i].all())
        cut.faces.push_back({each.face.box, each.face.landmarks, each.pixels, {}});
    } else {
      const torch::Tensor face = images->tensor[static_cast<std::int64_t>(i)];
      const cv::Mat pixels(static_cast<int>(face.size(0)), static_cast<int>(face.size(1)), CV_8UC3, face.data_ptr());
      cut.faces.push_back({{}, {}, pixels.clone(), {}});
    }
  }
}

}  // namespace

std::size_t FacePrediction::best() const {
  return static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

class Predictor::Engine {
 public:
  Engine(const Model& model, const PredictorOptions& options, const Registry& registry)
      : card_(model.card),
        faces_(face_pipeline(model.card.preprocessing, options.faces, model.folder, options.batch)),
        scope_(registry.scope()),
        networks_(model, options.device),
        on_host_(torch::Device(options.device).is_cpu()),
        stream_(faces_, registry,
                {options.threads, options.stop, [this](const VoidSample& sample) { note_void(sample); }}) {
    if (card_.preprocessing && card_.preprocessing->encoding.codec == FaceCodec::jpeg)
      kept_as_ = card_.preprocessing->encoding;
    compare_detector();
  }

  void predict(std::shared_ptr<const SampleTable> photographs, const Tell& tell) {
    if (photographs->samples.empty()) return;
    const Telling telling(*this, photographs, tell);
    voids_.clear();
    next_ = 0;
    const std::unique_ptr<Feed> feed = stream_.open(photographs);
    // The networks are at work on some batches while others are made. Declared behind the feed, so that they end first.
    std::deque<std::future<std::vector<Cut>>> at_work;
    const Drain drain{at_work};
    while (std::shared_ptr<const Batch> batch = next_batch(*feed, photographs->samples.size())) {
      at_work.push_back(begin(std::move(batch)));
      if (at_work.size() > static_cast<std::size_t>(stream_.threads())) telling.take(at_work);
    }
    while (!at_work.empty()) telling.take(at_work);
    telling.take_voids(static_cast<std::int64_t>(photographs->samples.size()));
  }

  const ModelCard& card() const { return card_; }
  const FacePipeline& faces() const { return faces_; }

 private:
  struct Reason {
    std::string text;
    bool is_damaged = false;
  };

  // For the engine a stream of voids alone is a failure; here it is an answer.
  std::shared_ptr<const Batch> next_batch(Feed& feed, std::size_t photographs) {
    try {
      return feed.next();
    } catch (const RunError&) {
      const std::lock_guard lock(mutex_);
      if (voids_.size() < photographs) throw;
      return nullptr;
    }
  }

  // Waits for the networks: what they work on goes with the call.
  struct Drain {
    std::deque<std::future<std::vector<Cut>>>& at_work;
    ~Drain() {
      for (auto& each : at_work)
        if (each.valid()) each.wait();
    }
  };

  // Tells of the photographs in their order: batches bring those with faces, the others are voids by then.
  class Telling {
   public:
    Telling(Engine& engine, const std::shared_ptr<const SampleTable>& photographs, const Tell& tell)
        : engine_(engine), photographs_(*photographs), tell_(tell) {}
    void take(std::deque<std::future<std::vector<Cut>>>& at_work) const {
      std::future<std::vector<Cut>> first = std::move(at_work.front());
      at_work.pop_front();
      for (Cut& cut : first.get()) {
        take_voids(cut.sample);
        told(cut.sample, std::move(cut.faces), {});
      }
    }
    void take_voids(std::int64_t before) const {
      while (engine_.next_ < before) {
        Reason reason;
        {
          const std::lock_guard lock(engine_.mutex_);
          reason = engine_.voids_[engine_.next_];
        }
        told(engine_.next_, {}, reason);
      }
    }

   private:
    void told(std::int64_t sample, std::vector<FacePrediction> faces, const Reason& reason) const {
      engine_.next_ = sample + 1;
      tell_({sample, photographs_.samples[static_cast<std::size_t>(sample)].image, std::move(faces), reason.text,
             reason.is_damaged});
    }
    Engine& engine_;
    const SampleTable& photographs_;
    const Tell& tell_;
  };

  void note_void(const VoidSample& sample) {
    const std::lock_guard lock(mutex_);
    voids_[sample.sample] = {sample.reason, sample.node.ends_with("." + faces_.decoder)};
  }

  // The faces of a batch through the networks: on the CPU on one of the stream's threads, beside other batches, each
  // operation on one thread; on a GPU here.
  std::future<std::vector<Cut>> begin(std::shared_ptr<const Batch> batch) {
    auto task = std::make_shared<std::packaged_task<std::vector<Cut>()>>([this, batch = std::move(batch)]() mutable {
      std::vector<Cut> cuts;
      const auto body = [&] {
        add_faces(*batch, cuts);
        batch.reset();  // gives way to the next one
        classify(cuts);
      };
      if (scope_)
        scope_->around(Lane::stream, body);
      else
        body();
      return cuts;
    });
    std::future<std::vector<Cut>> future = task->get_future();
    if (on_host_)
      stream_.arena().enqueue([task] { (*task)(); });
    else
      (*task)();
    return future;
  }

  void classify(std::vector<Cut>& cuts) const {
    std::vector<FacePrediction*> faces;
    for (Cut& cut : cuts)
      for (FacePrediction& face : cut.faces) faces.push_back(&face);
    if (faces.empty()) return;
    if (kept_as_)
      for (FacePrediction* face : faces) keep_as_cache(*face);
    const cv::Size size = faces.front()->pixels.size();
    torch::Tensor images =
        torch::empty({static_cast<std::int64_t>(faces.size()), size.height, size.width, 3}, torch::kUInt8);
    const std::size_t bytes = static_cast<std::size_t>(size.area()) * 3;
    for (std::size_t i = 0; i < faces.size(); ++i)
      std::memcpy(images.data_ptr<std::uint8_t>() + i * bytes, faces[i]->pixels.ptr(), bytes);
    const torch::Tensor probabilities = networks_.probabilities(images).contiguous();
    const auto classes = static_cast<std::size_t>(probabilities.size(1));
    const auto* numbers = probabilities.data_ptr<float>();
    for (std::size_t i = 0; i < faces.size(); ++i)
      faces[i]->probabilities.assign(numbers + i * classes, numbers + (i + 1) * classes);
  }

  // The networks have seen faces as the cache's JPEGs show them.
  void keep_as_cache(FacePrediction& face) const {
    const FaceShape shape{face.pixels.rows, face.pixels.cols};
    cv::Mat kept(face.pixels.size(), CV_8UC3);
    const auto jpeg = encode_jpeg({face.pixels.ptr(), shape.bytes()}, shape, kept_as_->quality);
    if (const std::string wrong = decode_jpeg(jpeg, shape, {kept.ptr(), shape.bytes()}); !wrong.empty())
      throw std::runtime_error(wrong);
    face.pixels = kept;
  }

  // Whether the detector's own files are those of the training.
  void compare_detector() {
    if (!faces_.is_training_detector) return;
    const auto stored =
        nlohmann::json::parse(card_.preprocessing->fingerprint.json, nullptr, /*allow_exceptions=*/false);
    for (const PreparedNode& node : stream_.nodes()) {
      if (node.plan->name != faces_.detector || !node.plan->type->fingerprint) continue;
      const std::string now = node.plan->type->fingerprint(node.object.get());
      for (const auto& [key, value] : stored.items())
        if (key.starts_with("data of ") && key.ends_with("." + faces_.detector) && value.is_string() && value != now)
          faces_.notes.push_back("The files of " + node.plan->type->name +
                                 " are not those that found the training's faces, so that faces may lie otherwise.");
    }
  }

  ModelCard card_;
  FacePipeline faces_;
  std::shared_ptr<const ThreadScope> scope_;
  ModelNetworks networks_;
  bool on_host_;
  std::optional<FaceEncoding> kept_as_;
  std::mutex mutex_;  // of the voids
  std::map<std::int64_t, Reason> voids_;
  std::int64_t next_ = 0;  // the photograph that is told next
  PhotographStream stream_;
};

namespace {

Registry registry_of_nodes() {
  Registry registry;
  register_nodes(registry);
  return registry;
}

}  // namespace

Predictor::Predictor(const std::filesystem::path& run_or_model, const PredictorOptions& options) {
  const Registry registry = registry_of_nodes();
  engine_ = std::make_unique<Engine>(open_model(run_or_model, options.checkpoint, registry), options, registry);
}

Predictor::Predictor(const Model& model, const PredictorOptions& options, const Registry& registry)
    : engine_(std::make_unique<Engine>(model, options, registry)) {}

Predictor::~Predictor() = default;

const ModelCard& Predictor::card() const { return engine_->card(); }
const std::vector<std::string>& Predictor::notes() const { return engine_->faces().notes; }
const std::string& Predictor::pipeline() const { return engine_->faces().text; }

void Predictor::predict(const std::vector<std::filesystem::path>& files, const Tell& tell) {
  auto table = std::make_shared<SampleTable>();
  for (std::size_t i = 0; i < files.size(); ++i) {
    Sample sample;
    sample.row = static_cast<std::int64_t>(i);
    sample.image = sample.id = files[i].string();
    table->samples.push_back(std::move(sample));
  }
  engine_->predict(std::move(table), tell);
}

void Predictor::predict(std::span<const cv::Mat> pictures, const Tell& tell) {
  // A table's pictures are of one size.
  for (std::size_t begin = 0, end = 0; begin < pictures.size(); begin = end) {
    auto table = std::make_shared<SampleTable>();
    table->pixels.height = pictures[begin].rows;
    table->pixels.width = pictures[begin].cols;
    table->pixels.channels = 3;
    for (; end < pictures.size() && pictures[end].size() == pictures[begin].size(); ++end) {
      const cv::Mat& picture = pictures[end];
      if (picture.empty() || picture.type() != CV_8UC3)
        throw std::invalid_argument("A picture must be uint8 [H,W,3], RGB, and not empty.");
      Sample sample;
      sample.row = sample.inline_picture = static_cast<std::int64_t>(end - begin);
      table->samples.push_back(std::move(sample));
      const std::size_t width = static_cast<std::size_t>(picture.cols) * 3;
      for (int y = 0; y < picture.rows; ++y)
        table->pixels.bytes.insert(table->pixels.bytes.end(), picture.ptr(y), picture.ptr(y) + width);
    }
    engine_->predict(std::move(table), [&](PhotographPrediction&& each) {
      each.index += static_cast<std::int64_t>(begin);
      tell(std::move(each));
    });
  }
}

std::vector<FacePrediction> Predictor::predict(const cv::Mat& picture) {
  std::vector<FacePrediction> faces;
  predict(std::span(&picture, 1), [&](PhotographPrediction&& each) { faces = std::move(each.faces); });
  return faces;
}

}  // namespace fergraph
