#include "cli/pack.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cstring>

#include "cache/hdf5_handle.hpp"
#include "nodes/values.hpp"

namespace fergraph {
namespace {

// A handle of HDF5 that is closed at the end of its scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor): it is one

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw RunError("The pack '" + file.string() + "' " + what);
}

[[noreturn]] void fail_without(const std::filesystem::path& file, const std::string& path) {
  fail(file,
       "has no '" + path + "'. Make the pack again with it, or choose a wiring that does not read it with --pipeline.");
}

struct Shape {
  std::vector<std::int64_t> dims;
  std::size_t count = 1;
};

// Every group on the way must exist before a link may be asked for.
bool exists(hid_t file, const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    if (H5Lexists(file, path.substr(0, slash).c_str(), H5P_DEFAULT) <= 0) return false;
  return path.ends_with('/') || H5Lexists(file, path.c_str(), H5P_DEFAULT) > 0;
}

hid_t open_dataset(hid_t file, const std::string& path) {
  return exists(file, path) ? H5Dopen2(file, path.c_str(), H5P_DEFAULT) : -1;
}

Shape shape_of(hid_t dataset) {
  const Handle space(H5Dget_space(dataset), H5Sclose);
  std::vector<hsize_t> dims(static_cast<std::size_t>(std::max(H5Sget_simple_extent_ndims(space), 0)));
  if (!dims.empty()) H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  Shape shape;
  for (const hsize_t dim : dims) shape.dims.push_back(static_cast<std::int64_t>(dim)), shape.count *= dim;
  return shape;
}

double single_number(const Pack& pack, const std::string& path) {
  const NumericArray numbers = pack.numbers(path);
  if (numbers.size() != 1) fail(pack.file(), "must have a single number at '" + path + "'.");
  return numbers.at(0);
}

std::string step_group(const Clock& clock) {
  return "/batches/" + std::to_string(clock.epoch) + "/" + std::to_string(clock.step) + "/";
}

std::shared_ptr<const void> tensor_value(const Blob& blob, const ValueType* type, const std::string& path) {
  const auto tensor = [&](torch::Dtype dtype) {
    torch::Tensor out = torch::empty(blob.shape, dtype);
    std::memcpy(out.data_ptr(), blob.bytes.data(), blob.bytes.size());
    return out;
  };
  const auto of = [&]<class T>(const T*, const char* dtype, torch::Dtype torch_dtype) -> std::shared_ptr<const void> {
    if (blob.dtype != dtype)
      throw RunError("'" + path + "' of the pack is " + blob.dtype + ", but " + dtype + " is expected.");
    return std::make_shared<const T>(T{tensor(torch_dtype)});
  };
  if (type == &value_type<Images>) return of(static_cast<const Images*>(nullptr), "U8", torch::kUInt8);
  if (type == &value_type<Labels>) return of(static_cast<const Labels*>(nullptr), "I64", torch::kInt64);
  if (type == &value_type<Index>) return of(static_cast<const Index*>(nullptr), "I64", torch::kInt64);
  throw RunError("A pack cannot give items of the type " + std::string(type->name) + ".");
}

// The item that is only measured with.
bool is_truth(const StreamItem& item) { return item.name == "truth" && item.type == &value_type<Labels>; }

class PackFeed : public Feed {
 public:
  PackFeed(const Pack& pack, const StreamPlan& stream, FeedRequest request)
      : pack_(pack), stream_(stream), request_(std::move(request)), steps_(pack.integer("steps_per_epoch")) {
    request_.clock.step = 0;
    if (request_.section == Section::step) request_.clock.epoch = 1;
    const auto& items = stream_.batch->items;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (request_.section != Section::step && is_truth(items[i])) request_.items[i] = true;
  }

  std::shared_ptr<const Batch> next() override { return request_.section == Section::step ? next_step() : whole(); }

 private:
  std::shared_ptr<const Batch> next_step() {
    Clock& clock = request_.clock;
    ++clock.step;
    if (clock.step > steps_) clock.step = 1, ++clock.epoch;
    return batch([&](const std::string& item) { return step_group(clock) + stream_.name + "." + item; });
  }

  std::shared_ptr<const Batch> whole() {
    if (read_) return nullptr;
    read_ = true;
    const std::string event = "/batches/" + std::to_string(request_.clock.epoch) +
                              (request_.section == Section::epoch_end ? "/end/" : "/start/");
    const std::string data = "/data/" + stream_.name + "/";
    bool in_event = false;
    for (const StreamItem& item : stream_.batch->items)
      in_event = in_event || pack_.has(event + stream_.name + "." + item.name);
    const auto& items = stream_.batch->items;
    return batch([&](const std::string& name) {
      if (in_event) return event + stream_.name + "." + name;
      const auto item =
          std::find_if(items.begin(), items.end(), [&](const StreamItem& each) { return each.name == name; });
      if (item->type == &value_type<Images>) return data + "images";
      if (is_truth(*item)) return std::string();
      if (item->type == &value_type<Labels>) return data + "labels";
      return std::string();  // the sample's index: the row
    });
  }

  template <class PathOf>
  std::shared_ptr<const Batch> batch(const PathOf& path_of) {
    auto out = std::make_shared<Batch>();
    out->layout = &stream_.batch->items;
    out->items.resize(out->layout->size());
    out->number = number_++;
    for (std::size_t i = 0; i < out->items.size(); ++i) {
      const StreamItem& item = (*out->layout)[i];
      if (!request_.items[i]) continue;
      const std::string path = path_of(item.name);
      if (is_truth(item) && (path.empty() || !pack_.has(path))) continue;
      if (path.empty()) {
        if (item.type != &value_type<Index>)
          throw RunError("A pack cannot give '" + stream_.name + "." + item.name + "', an item of the type " +
                         std::string(item.type->name) + ", outside of its batches.");
        continue;
      }
      const Blob blob = pack_.blob(path);
      out->items[i] = tensor_value(blob, item.type, path);
      out->size = blob.shape.empty() ? 1 : blob.shape.front();
    }
    for (std::size_t i = 0; i < out->items.size(); ++i) {
      if (!request_.items[i] || out->items[i]) continue;
      if ((*out->layout)[i].type == &value_type<Index>)
        out->items[i] = std::make_shared<const Index>(Index{torch::arange(out->size, torch::kInt64)});
      else
        out->items[i] =
            std::make_shared<const Labels>(Labels{truth_of(has_index() ? path_of("index") : "", out->size)});
    }
    return out;
  }

  bool has_index() const {
    const auto& items = stream_.batch->items;
    return std::any_of(items.begin(), items.end(), [](const StreamItem& item) { return item.name == "index"; });
  }

  // The true classes of a batch's samples, which packs have once for all, where they have them; -1 elsewhere.
  torch::Tensor truth_of(const std::string& index, std::int64_t size) {
    const std::string path = "/data/" + stream_.name + "/clean_labels";
    if (!pack_.has(path)) return torch::full({size}, -1, torch::kInt64);
    if (!clean_labels_.defined()) clean_labels_ = label_tensor(path);
    if (index.empty() || !pack_.has(index)) return clean_labels_.narrow(0, 0, size);
    return clean_labels_.index_select(0, label_tensor(index));
  }

  torch::Tensor label_tensor(const std::string& path) const {
    return static_cast<const Labels*>(tensor_value(pack_.blob(path), &value_type<Labels>, path).get())->tensor;
  }

  const Pack& pack_;
  const StreamPlan& stream_;
  FeedRequest request_;
  std::int64_t steps_;
  bool read_ = false;
  std::int64_t number_ = 0;
  torch::Tensor clean_labels_;  // int64 [samples], read when first asked for
};

class PackReader : public StreamReader {
 public:
  PackReader(const Pack& pack, const StreamPlan& stream) : pack_(pack), stream_(stream) {}
  const std::vector<StreamItem>& items() const override { return stream_.batch->items; }
  std::unique_ptr<Feed> open(const FeedRequest& request) override {
    return std::make_unique<PackFeed>(pack_, stream_, request);
  }

 private:
  const Pack& pack_;
  const StreamPlan& stream_;
};

}  // namespace

Pack::Pack(const std::filesystem::path& file) : file_(file) {
  if (!std::filesystem::exists(file)) fail(file, "does not exist. Check the path.");
  const Hdf5Lock lock;
  id_ = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id_ < 0) fail(file, "cannot be read as HDF5. It may be cut short or something else; get it again.");
}

Pack::~Pack() {
  const Hdf5Lock lock;
  if (id_ >= 0) H5Fclose(id_);
}

std::string Pack::text(const std::string& attribute) const {
  const Hdf5Lock lock;
  const Handle handle(H5Aopen(id_, attribute.c_str(), H5P_DEFAULT), H5Aclose);
  if (handle < 0) fail(file_, "has no attribute '" + attribute + "'; it is no parity pack.");
  const Handle type(H5Aget_type(handle), H5Tclose);
  if (H5Tis_variable_str(type) > 0) {
    char* text = nullptr;
    if (H5Aread(handle, type, &text) < 0 || !text)
      fail(file_, "has an attribute '" + attribute + "' that cannot be read.");
    std::string out = text;
    H5free_memory(text);
    return out;
  }
  std::string out(H5Tget_size(type), '\0');
  if (H5Tget_class(type) != H5T_STRING || H5Aread(handle, type, out.data()) < 0)
    fail(file_, "has an attribute '" + attribute + "' that is no text.");
  return out.c_str();
}

std::int64_t Pack::integer(const std::string& attribute) const {
  const Hdf5Lock lock;
  const Handle handle(H5Aopen(id_, attribute.c_str(), H5P_DEFAULT), H5Aclose);
  std::int64_t value = 0;
  if (handle < 0 || H5Aread(handle, H5T_NATIVE_INT64, &value) < 0)
    fail(file_, "has no whole number '" + attribute + "' among its attributes; it is no parity pack.");
  return value;
}

bool Pack::has_attribute(const std::string& name) const {
  const Hdf5Lock lock;
  return H5Aexists(id_, name.c_str()) > 0;
}

bool Pack::has(const std::string& path) const {
  const Hdf5Lock lock;
  return exists(id_, path);
}

std::vector<std::string> Pack::names(const std::string& group) const {
  std::vector<std::string> names;
  const Hdf5Lock lock;
  if (!exists(id_, group)) return names;
  const Handle handle(H5Gopen2(id_, group.c_str(), H5P_DEFAULT), H5Gclose);
  if (handle < 0) return names;
  H5Literate(
      handle, H5_INDEX_NAME, H5_ITER_INC, nullptr,
      [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
        static_cast<std::vector<std::string>*>(to)->emplace_back(name);
        return 0;
      },
      &names);
  return names;
}

std::vector<std::int64_t> Pack::shape(const std::string& path) const {
  const Hdf5Lock lock;
  const Handle dataset(open_dataset(id_, path), H5Dclose);
  if (dataset < 0) fail_without(file_, path);
  return shape_of(dataset).dims;
}

NumericArray Pack::numbers(const std::string& path) const {
  const Hdf5Lock lock;
  const Handle dataset(open_dataset(id_, path), H5Dclose);
  if (dataset < 0) fail_without(file_, path);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Shape shape = shape_of(dataset);
  NumericArray out;
  out.shape = shape.dims;
  herr_t status = 0;
  if (H5Tget_class(type) == H5T_INTEGER) {
    std::vector<std::int64_t> values(shape.count);
    status = shape.count ? H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) : 0;
    out.values = std::move(values);
  } else {
    std::vector<double> values(shape.count);
    status = shape.count ? H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) : 0;
    out.values = std::move(values);
  }
  if (status < 0) fail(file_, "has a '" + path + "' that cannot be read.");
  return out;
}

Blob Pack::blob(const std::string& path) const {
  const Hdf5Lock lock;
  const Handle dataset(open_dataset(id_, path), H5Dclose);
  if (dataset < 0) fail_without(file_, path);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const Shape shape = shape_of(dataset);
  const bool real = H5Tget_class(type) == H5T_FLOAT;
  const std::size_t size = H5Tget_size(type);
  Blob blob;
  blob.shape = shape.dims;
  blob.dtype = real ? (size == 4 ? "F32" : "F64") : (size == 1 ? "U8" : "I64");
  const hid_t native =
      real ? (size == 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE) : (size == 1 ? H5T_NATIVE_UINT8 : H5T_NATIVE_INT64);
  blob.bytes.resize(shape.count * (real ? (size == 4 ? 4 : 8) : (size == 1 ? 1 : 8)));
  if (shape.count && H5Dread(dataset, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, blob.bytes.data()) < 0)
    fail(file_, "has a '" + path + "' that cannot be read.");
  return blob;
}

PackFeeds::PackFeeds(const Pack& pack) : pack_(pack) {
  for (const std::string& epoch : pack.names("/batches")) {
    const std::string group = "/batches/" + epoch;
    for (const std::string& step : pack.names(group))
      for (const std::string& array : pack.names(group + "/" + step)) arrays_.insert(group + "/" + step + "/" + array);
  }
}

std::unique_ptr<StreamReader> PackFeeds::reader(const StreamPlan& stream) {
  return std::make_unique<PackReader>(pack_, stream);
}

StreamSamples PackFeeds::samples(const StreamPlan& stream) {
  StreamSamples samples;
  const std::string group = "/data/" + stream.name + "/";
  if (pack_.has(group + "images")) {
    const std::vector<std::int64_t> shape = pack_.shape(group + "images");
    if (shape.empty())
      fail(pack_.file(), "has a single number at '" + group + "images', where pictures should stand; make it again.");
    samples.size = shape.front();
  } else if (pack_.has(group + "size")) {
    samples.size = static_cast<std::int64_t>(single_number(pack_, group + "size"));
  } else {
    return samples;
  }
  if (!pack_.has(group + "labels")) return samples;
  NumericArray labels = pack_.numbers(group + "labels");
  if (!labels.is_integer() || labels.shape != std::vector<std::int64_t>{samples.size})
    fail(pack_.file(), "must have one whole number per picture at '" + group + "labels'; make it again.");
  samples.labels = std::get<1>(std::move(labels.values));
  return samples;
}

Supply PackFeeds::supply() const {
  return [this](const NodePlan& node, const Clock& clock, void* out) {
    if (!node.qualified.starts_with("step.") || node.type->outputs.empty()) return false;
    const std::string prefix = step_group(clock) + node.name + ".";
    if (!std::all_of(node.type->outputs.begin(), node.type->outputs.end(),
                     [&](const OutputPort& port) { return arrays_.contains(prefix + port.name); }))
      return false;
    for (const OutputPort& port : node.type->outputs) {
      void* member = static_cast<std::byte*>(out) + port.offset;
      if (port.form.type == &value_type<Number>)
        static_cast<Number*>(member)->value = single_number(pack_, prefix + port.name);
      else if (port.form.type == &value_type<Index>)
        *static_cast<Index*>(member) = *static_cast<const Index*>(
            tensor_value(pack_.blob(prefix + port.name), &value_type<Index>, prefix + port.name).get());
      else
        throw RunError("A pack cannot supply the output '" + port.name + "' of " + node.qualified + ".");
    }
    return true;
  };
}

}  // namespace fergraph
