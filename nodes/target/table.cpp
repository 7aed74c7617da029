#include "nodes/target/table.hpp"

#include <algorithm>

#include "nodes/values.hpp"

namespace fergraph {
namespace {

torch::ScalarType torch_type(TableDtype dtype) {
  switch (dtype) {
    case TableDtype::float32:
      return torch::kFloat32;
    case TableDtype::float64:
      return torch::kFloat64;
    case TableDtype::int64:
      return torch::kInt64;
    case TableDtype::boolean:
      return torch::kBool;
  }
  return torch::kFloat32;
}

bool is_whole_number(const std::string& text) {
  return !text.empty() && text.size() < 16 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t size_of(const TableAxis& axis, const Network* net, const StateScope& scope) {
  if (is_whole_number(axis.text)) return std::stoll(axis.text);
  if (axis.text == "classes") {
    if (const Tree* classes = scope.parameter("classes")) return Codec<std::int64_t>::parse(*classes, nullptr);
    if (net) return net->classes();
    throw PipelineError(axis.place, "The axis 'classes' needs the parameter 'classes' under 'params', or a 'net'.");
  }
  if (axis.text == "features") {
    if (net) return net->width();
    throw PipelineError(axis.place,
                        "The axis 'features' is as long as a network's features. Name the network in 'net'.");
  }
  return scope.stream(axis.text, axis.place).size;
}

// int64 [rows] of the first axis, which must be a stream whose samples have labels.
torch::Tensor labels_of(const Table::Params& params, const StateScope& scope, const std::string& word) {
  const TableAxis& axis = params.axes.front();
  if (is_whole_number(axis.text) || axis.text == "classes" || axis.text == "features")
    throw PipelineError(axis.place, "'init: " + word + "' needs a stream as the first axis, not '" + axis.text + "'.");
  const StreamSamples& samples = scope.stream(axis.text, axis.place);
  if (static_cast<std::int64_t>(samples.labels.size()) != samples.size)
    throw PipelineError(axis.place, "The stream '" + axis.text + "' has no labels for 'init: " + word + "'.");
  return torch::tensor(samples.labels, torch::kInt64);
}

}  // namespace

TableInit Codec<TableInit>::parse(const Tree& tree, const Tree* params) {
  if (tree.is_scalar() && tree.text == "labels") return {TableInit::From::labels, 0};
  if (tree.is_scalar() && tree.text == "one_hot_labels") return {TableInit::From::one_hot_labels, 0};
  return {TableInit::From::number, Codec<double>::parse(tree, params)};
}

std::string Codec<TableInit>::show(const TableInit& init) {
  if (init.from == TableInit::From::labels) return "labels";
  if (init.from == TableInit::From::one_hot_labels) return "one_hot_labels";
  return Codec<double>::show(init.number);
}

StateContract<Table> Table::contract() {
  return StateContract<Table>("table", "numbers that last between steps, by class, by sample, by feature")
      .param(&Params::axes, "axes",
             "the size of each axis: `classes` (the parameter), the name of a stream (its samples), `features` (the "
             "width of `net`), or a whole number",
             required)
      .param(&Params::dtype, "dtype", "type of the numbers")
      .param(&Params::init, "init", "a number for all, or the labels of the stream that is the first axis")
      .link(&Links::net, "net", "the network that `features` refers to", LinkNeed::optional, false);
}

Table::Table(const Params& params, const Links& links, const StateScope& scope) : name_(scope.name()) {
  std::vector<std::int64_t> shape;
  for (const TableAxis& axis : params.axes) shape.push_back(size_of(axis, links.net, scope));
  // The run tells the state's place with what is no PipelineError.
  if (shape.empty())
    throw std::runtime_error("A table needs at least one axis. Give 'axes', such as [classes] or [labeled].");
  const torch::ScalarType type = torch_type(params.dtype);
  if (params.init.from == TableInit::From::number) {
    values_ = torch::full(shape, params.init.number, torch::kFloat64).to(type);
  } else if (params.init.from == TableInit::From::labels) {
    if (shape.size() != 1)
      throw PipelineError(params.axes.front().place, "'init: labels' needs exactly one axis, a stream.");
    values_ = labels_of(params, scope, "labels").to(type);
  } else {
    if (shape.size() != 2)
      throw PipelineError(params.axes.front().place, "'init: one_hot_labels' needs two axes: a stream and 'classes'.");
    // Compared, not scattered: a sample of unknown class (-1) gets a row of zeros.
    values_ = (labels_of(params, scope, "one_hot_labels").unsqueeze(1) == torch::arange(shape[1])).to(type);
  }
  values_ = values_.to(torch::Device(scope.device()));
}

Blobs Table::save() const { return blobs_of({{"values", values_}}); }

void Table::restore(const Blobs& blobs) { restore_tensors("The table '" + name_ + "'", {{"values", values_}}, blobs); }

std::optional<NumericArray> Table::numbers() const { return numbers_of(values_); }

}  // namespace fergraph
