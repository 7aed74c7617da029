#include "cli/pack_recorder.hpp"

#include <ATen/ops/cat.h>
#include <hdf5.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>

#include "cache/hdf5_handle.hpp"
#include "nodes/network/network.hpp"
#include "nodes/tensor_blob.hpp"
#include "nodes/values.hpp"

namespace fergraph {
namespace {

// Parameters that a pack says in attributes of its own, or that belong to the data.
const std::set<std::string> fixed_elsewhere = {"epochs", "steps", "classes", "backbone", "weights", "class_names"};

hid_t type_of(const std::string& dtype) {
  if (dtype == "F32") return H5T_IEEE_F32LE;
  if (dtype == "F64") return H5T_IEEE_F64LE;
  if (dtype == "I64") return H5T_STD_I64LE;
  return H5T_STD_U8LE;
}

const Network::Params& params_of(const StatePlan& network) {
  return *static_cast<const Network::Params*>(network.parameters.get());
}

bool is_network(const StatePlan& state) { return state.type->name == Network::kind_name; }

// The network that others of its run are compared with, and whether it has what a pack says once for all.
const StatePlan& common_network(const Pipeline& pipeline) {
  const StatePlan* first = nullptr;
  const auto refuse = [](const StatePlan& state, const std::string& what) {
    throw RunError("The network '" + state.name + "' " + what);
  };
  const Network::Params usual;
  for (const StatePlan& state : pipeline.states) {
    if (!is_network(state) || !state.links.empty()) continue;  // a copy is as its original
    const Network::Params& params = params_of(state);
    if (params.dropout != 0)
      refuse(state, "has dropout, whose draws no pack holds. Record with --set state." + state.name + ".dropout=0.");
    if (params.channels != usual.channels || params.mean != usual.mean || params.std != usual.std)
      refuse(state,
             "does not read RGB with ImageNet's mean and deviation, as those of packs do. Record with --set state." +
                 state.name + ".channels=RGB and without its mean and std.");
    if (!first) first = &state;
    if (params.normalize_feature != params_of(*first).normalize_feature || params.classes != params_of(*first).classes)
      refuse(state, "differs from '" + first->name +
                        "' in classes or normalize_feature, but a pack has one of them for all its networks.");
  }
  if (!first) throw RunError("The pipeline '" + pipeline.name + "' has no network, so there is nothing to record.");
  return *first;
}

std::string backbone_of(const Pipeline& pipeline, const StatePlan& network) {
  const Tree* states = pipeline.root.find("state");
  const Tree* own = states ? states->find(network.name) : nullptr;
  const Tree* backbone = own ? own->find("backbone") : nullptr;
  return backbone ? backbone->text : "resnet18";
}

bool is_word(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) || c == '_' ||
           c == '-';
  });
}

// Numbers, truth values, words and lists of them; nothing for anything else (paths, views, formulas).
std::optional<nlohmann::json> plain_value(const Tree& value) {
  if (value.is_list()) {
    nlohmann::json list = nlohmann::json::array();
    for (const Tree& each : value.items) {
      const auto plain = plain_value(each);
      if (!plain || plain->is_structured()) return std::nullopt;
      list.push_back(*plain);
    }
    return list;
  }
  if (!value.is_scalar()) return std::nullopt;
  const nlohmann::json parsed = nlohmann::json::parse(value.text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_number() || parsed.is_boolean()) return parsed;
  if (is_word(value.text)) return value.text;
  return std::nullopt;
}

Blob blob_of_item(const ValueType* type, const void* value, const std::string& item) {
  if (type == &value_type<Images>) return blob_of(static_cast<const Images*>(value)->tensor);
  if (type == &value_type<Labels>) return blob_of(static_cast<const Labels*>(value)->tensor);
  if (type == &value_type<Index>) return blob_of(static_cast<const Index*>(value)->tensor);
  throw RunError("A pack cannot hold '" + item + "', an item of the type " + std::string(type->name) +
                 ". Leave it out of the stream's batch to record.");
}

std::string place_of(Section section, const Clock& clock) {
  const std::string at = section == Section::step          ? std::to_string(clock.step)
                         : section == Section::epoch_start ? "start"
                                                           : "end";
  return std::to_string(clock.epoch) + "/" + at + "/";
}

}  // namespace

/// The HDF5 file that becomes the pack.
class PackRecorder::File {
 public:
  explicit File(const std::filesystem::path& path) : path_(path), part_(path.string() + ".part") {
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    guarded([&] {
      id_ = {H5Fcreate(part_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "creating the file"};
      links_ = {H5Pcreate(H5P_LINK_CREATE), H5Pclose, "making properties"};
      H5Pset_create_intermediate_group(links_, 1);
    });
  }
  ~File() {
    const Hdf5Lock lock;
    links_ = {};
    id_ = {};
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void text(const char* name, const std::string& text) {
    guarded([&] {
      const Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "making a type");
      H5Tset_size(type, std::max<std::size_t>(text.size(), 1));
      H5Tset_cset(type, H5T_CSET_UTF8);
      attribute(name, type, text.c_str());
    });
  }

  void integer(const char* name, std::int64_t value) {
    guarded([&] { attribute(name, H5T_STD_I64LE, &value); });
  }

  void array(const std::string& path, const std::string& dtype, const std::vector<std::int64_t>& shape,
             const void* data) {
    guarded([&] {
      const std::vector<hsize_t> dims(shape.begin(), shape.end());
      const int rank = static_cast<int>(dims.size());
      const bool empty = std::find(dims.begin(), dims.end(), 0) != dims.end();
      const Hdf5Handle space(rank ? H5Screate_simple(rank, dims.data(), nullptr) : H5Screate(H5S_SCALAR), H5Sclose,
                             "making a space");
      const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "making properties");
      H5Pset_obj_track_times(properties, 0);
      if (rank && !empty) {
        std::vector<hsize_t> chunk = dims;
        const hsize_t row = std::accumulate(dims.begin() + 1, dims.end(), hsize_t{8}, std::multiplies<>());
        chunk[0] = std::clamp<hsize_t>((hsize_t{1} << 20) / row, 1, dims[0]);
        H5Pset_chunk(properties, rank, chunk.data());
        H5Pset_deflate(properties, 4);
      }
      const Hdf5Handle dataset(H5Dcreate2(id_, path.c_str(), type_of(dtype), space, links_, properties, H5P_DEFAULT),
                               H5Dclose, "creating '" + path + "'");
      if (!empty)
        hdf5_checked(H5Dwrite(dataset, type_of(dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "writing '" + path + "'");
    });
  }

  void array(const std::string& path, const Blob& blob) { array(path, blob.dtype, blob.shape, blob.bytes.data()); }

  void array(const std::string& path, const NumericArray& numbers) {
    std::visit(
        [&](const auto& values) { array(path, numbers.is_integer() ? "I64" : "F64", numbers.shape, values.data()); },
        numbers.values);
  }

  /// What a pass read. A later pass of the same event may only read the same.
  void pass(const std::string& path, const Blob& blob) {
    const std::string_view bytes(reinterpret_cast<const char*>(blob.bytes.data()), blob.bytes.size());
    const std::size_t hash = std::hash<std::string_view>()(bytes);
    const auto [known, is_new] = passes_.emplace(path, hash);
    if (is_new) return array(path, blob);
    if (known->second != hash)
      throw RunError("Two passes of one event read different pixels of '" + path.substr(path.rfind('/') + 1) +
                     "', but a pack holds one. Let them read a view without augmentation to record.");
  }

  void finish() {
    guarded([&] {
      hdf5_checked(H5Fflush(id_, H5F_SCOPE_GLOBAL), "writing the file");
      id_.close("closing the file");
    });
    std::filesystem::rename(part_, path_);
  }

 private:
  void attribute(const char* name, hid_t type, const void* value) {
    const Hdf5Handle space(H5Screate(H5S_SCALAR), H5Sclose, "making a space");
    const Hdf5Handle made(H5Acreate2(id_, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                          "making an attribute");
    hdf5_checked(H5Awrite(made, type, value), "writing an attribute");
  }

  template <class Work>
  void guarded(Work&& work) {
    const Hdf5Lock lock;
    try {
      work();
    } catch (const Hdf5Failure& failure) {
      throw RunError("The pack '" + path_.string() + "' cannot be written (" + failure.what() +
                     "). Check the path and the free space.");
    }
  }

  std::filesystem::path path_, part_;
  std::map<std::string, std::size_t> passes_;  // and the hashes of what they read
  Hdf5Handle id_, links_;
};

// Hands batches on as they come, and writes them.
class PackRecorder::RecordedFeed : public Feed {
 public:
  RecordedFeed(File& file, const StreamPlan& stream, FeedRequest request, std::int64_t steps,
               std::unique_ptr<Feed> inner)
      : file_(file), stream_(stream), request_(std::move(request)), steps_(steps), inner_(std::move(inner)) {
    if (request_.section == Section::step) request_.clock.epoch = 1, request_.clock.step = 0;
  }

  std::shared_ptr<const Batch> next() override {
    std::shared_ptr<const Batch> batch = inner_->next();
    if (request_.section != Section::step) {
      if (batch)
        gather(*batch);
      else
        write_pass();
    } else if (batch) {
      if (request_.clock.step == steps_) ++request_.clock.epoch, request_.clock.step = 0;
      ++request_.clock.step;
      for (std::size_t i = 0; i < batch->items.size(); ++i)
        if (batch->items[i]) file_.array(path_of(i), blob_of_item(item(i).type, batch->items[i].get(), item(i).name));
    }
    return batch;
  }

 private:
  const StreamItem& item(std::size_t i) const { return stream_.batch->items[i]; }
  std::string path_of(std::size_t i) const {
    return "/batches/" + place_of(request_.section, request_.clock) + stream_.name + "." + item(i).name;
  }

  // Copies: a batch that is kept holds back those that come after it.
  void gather(const Batch& batch) {
    parts_.resize(batch.items.size());
    for (std::size_t i = 0; i < batch.items.size(); ++i)
      if (batch.items[i])
        parts_[i].push_back(tensor_of(blob_of_item(item(i).type, batch.items[i].get(), item(i).name)));
  }

  void write_pass() {
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (!parts_[i].empty()) file_.pass(path_of(i), blob_of(at::cat(parts_[i])));
    parts_.clear();
  }

  File& file_;
  const StreamPlan& stream_;
  FeedRequest request_;
  std::int64_t steps_;
  std::unique_ptr<Feed> inner_;
  std::vector<std::vector<torch::Tensor>> parts_;  // of a pass, by item
};

class PackRecorder::Reader : public StreamReader {
 public:
  Reader(const PackRecorder& recorder, const StreamPlan& stream, StreamReader& inner)
      : recorder_(recorder), stream_(stream), inner_(inner) {}
  const std::vector<StreamItem>& items() const override { return inner_.items(); }
  std::unique_ptr<Feed> open(const FeedRequest& request) override {
    return std::make_unique<RecordedFeed>(*recorder_.file_, stream_, request, recorder_.steps_, inner_.open(request));
  }

 private:
  const PackRecorder& recorder_;  // has no file before it begins
  const StreamPlan& stream_;
  StreamReader& inner_;
};

PackRecorder::PackRecorder(std::filesystem::path file) : path_(std::move(file)) {}
PackRecorder::~PackRecorder() = default;

Tap PackRecorder::tap() {
  return [this](const StreamPlan& stream, StreamReader& inner) -> std::unique_ptr<StreamReader> {
    return std::make_unique<Reader>(*this, stream, inner);
  };
}

void PackRecorder::begin(Run& run, std::uint64_t seed) {
  const Pipeline& pipeline = run.pipeline();
  const StatePlan& network = common_network(pipeline);
  file_ = std::make_unique<File>(path_);
  steps_ = run.steps_per_epoch();

  // uda.released.yaml is the method `uda` in that variant. A resolved file is called pipeline.yaml, whatever is in it.
  std::string name = std::filesystem::path(pipeline.file).stem();
  if (name == "pipeline") name = pipeline.name;
  const std::size_t dot = name.find('.');
  file_->text("method", name.substr(0, dot));
  file_->text("variant", dot == std::string::npos ? "paper" : name.substr(dot + 1));
  file_->text("backbone", backbone_of(pipeline, network));
  file_->integer("seed", static_cast<std::int64_t>(seed));
  file_->integer("epochs", pipeline.epochs);
  file_->integer("steps_per_epoch", steps_);
  file_->integer("classes", params_of(network).classes);
  file_->integer("normalize_feature", params_of(network).normalize_feature);
  file_->integer("dropout", 0);
  nlohmann::json hyper = nlohmann::json::object();
  if (const Tree* params = pipeline.params())
    for (const Tree::Member& param : params->members) {
      if (fixed_elsewhere.contains(param.key)) continue;
      if (auto value = plain_value(param.value)) hyper[param.key] = std::move(*value);
    }
  file_->text("hyper", hyper.dump());

  for (const StreamPlan& stream : pipeline.streams) {
    if (!stream.batch) continue;
    if (!stream.name.starts_with("test")) file_->integer(("batch_" + stream.name).c_str(), stream.batch->size);
    const StreamSamples& samples = run.samples(pipeline.find_stream(stream.name));
    const std::string group = "/data/" + stream.name + "/";
    file_->array(group + "size", "I64", {}, &samples.size);
    if (!samples.labels.empty()) file_->array(group + "labels", "I64", {samples.size}, samples.labels.data());
  }
  write_networks(run, "/init/");
}

void PackRecorder::write_networks(Run& run, const std::string& group) {
  for (const StatePlan& state : run.pipeline().states)
    if (is_network(state))
      for (const auto& [name, blob] : run.state(state.name)->save())
        file_->array(group + state.name + "/" + name, blob);
}

void PackRecorder::recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) {
  for (const RecordedValue& value : values)
    if (const auto numbers = value.numbers())
      file_->array("/expect/" + place_of(section, clock) + *value.name, *numbers);
}

void PackRecorder::finish(Run& run) {
  write_networks(run, "/expect/final/");
  file_->finish();
}

}  // namespace fergraph
