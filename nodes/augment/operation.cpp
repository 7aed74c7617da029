#include "nodes/augment/operation.hpp"

#include <algorithm>
#include <cctype>

#include "nodes/augment/colour.hpp"
#include "nodes/augment/erase.hpp"
#include "nodes/augment/geometry.hpp"
#include "nodes/augment/noise.hpp"
#include "nodes/augment/rand_augment.hpp"
#include "nodes/augment/resize.hpp"

namespace fergraph {
namespace {

// Keeps what is wrong with the parts of a reading. A part may fail without words: its problem is told already.
class Findings {
 public:
  template <class Part>
  void in(Part&& part) {
    try {
      part();
    } catch (const PipelineError& error) {
      failed_ = true;
      problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    }
  }
  void add(const Place& place, std::string message) {
    failed_ = true;
    problems_.push_back({place, std::move(message)});
  }
  void tell() {
    if (failed_) throw PipelineError(std::move(problems_));
  }

 private:
  bool failed_ = false;
  std::vector<Problem> problems_;
};

std::vector<std::string> names_of(const std::vector<ParameterInfo>& infos) {
  std::vector<std::string> names;
  for (const ParameterInfo& info : infos) names.push_back(info.name);
  return names;
}

const OperationType& type_named(const std::string& name, const Place& place) {
  std::vector<std::string> known;
  for (const OperationType& type : operation_types()) {
    if (type.name == name) return type;
    known.push_back(type.name);
  }
  throw PipelineError(place, "There is no operation '" + name + "' of views. Known are " + listed(known) + "." +
                                 did_you_mean(name, known));
}

void read_parameters(const OperationType& type, const Tree& value, const Place& place, const Tree* params,
                     void* fields) {
  Findings findings;
  const std::vector<std::string> known = names_of(type.parameters);
  for (const Tree::Member& member : value.members)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      findings.add(member.key_place, "The operation '" + type.name + "' has no parameter '" + member.key +
                                         "'. It knows " + listed(known) + "." + did_you_mean(member.key, known));
  for (const ParameterInfo& info : type.parameters) {
    if (const Tree* given = value.find(info.name))
      findings.in([&] { read_parameter(info, *given, params, fields); });
    else if (info.is_required)
      findings.add(place, "The operation '" + type.name + "' needs '" + info.name + "' (" + info.doc + ").");
  }
  findings.tell();
}

void describe(std::string& text, const ParameterInfo& info) {
  text += "\n      " + info.name + ": " + info.doc + " (" + info.type +
          (info.is_required ? std::string(", required") : ", default " + info.default_text);
  for (const Limit& limit : info.limits) text += "; must " + limit.text;
  text += ")";
}

}  // namespace

const std::vector<OperationType>& operation_types() {
  static const std::vector<OperationType> types = [] {
    std::vector<OperationType> all;
    for (auto family : {&geometry_operations, &resize_operations, &colour_operations, &noise_operations,
                        &erase_operations, &rand_augment_operations})
      for (OperationType& type : family()) all.push_back(std::move(type));
    return all;
  }();
  return types;
}

std::string described_operations() {
  std::string text;
  for (const OperationType& type : operation_types()) {
    text += (text.empty() ? "  " : "\n  ") + type.name + ": " + type.doc;
    for (const ParameterInfo& info : type.parameters)
      if (info.name != "probability" || info.default_text != "1") describe(text, info);
  }
  return text;
}

ViewOperation Codec<ViewOperation>::parse(const Tree& tree, const Tree* params) {
  const bool is_word = tree.is_scalar() && !tree.text.empty() && std::isalpha(static_cast<unsigned char>(tree.text[0]));
  if (!is_word && (!tree.is_map() || tree.members.size() != 1))
    detail::wrong_value(tree, "one operation, such as {flip: 0.5} or {crop: {padding: 4}}");
  const Place& place = is_word ? tree.place : tree.members.front().key_place;
  const OperationType& type = type_named(is_word ? tree.text : tree.members.front().key, place);
  const Tree nothing;
  const Tree& value = is_word ? nothing : tree.members.front().value;
  const std::shared_ptr<Operation> operation = type.make();
  void* fields = type.fields(*operation);
  if (value.is_map() || value.is_nothing())
    read_parameters(type, value, place, params, fields);
  else
    // A lone value is the operation's first parameter: {flip: 0.5}, {crop: 4}, {rotate: [-30, 30]}.
    read_parameter(type.parameters.front(), value, params, fields);
  operation->check(place);
  return {operation, tree.flow()};
}

std::vector<ViewOperation> Codec<std::vector<ViewOperation>>::parse(const Tree& tree, const Tree* params) {
  if (!tree.is_list()) return {Codec<ViewOperation>::parse(tree, params)};
  std::vector<ViewOperation> operations;
  Findings findings;
  for (const Tree& item : tree.items)
    findings.in([&] { operations.push_back(Codec<ViewOperation>::parse(item, params)); });
  findings.tell();
  return operations;
}

std::string Codec<std::vector<ViewOperation>>::show(const std::vector<ViewOperation>& operations) {
  std::string text = "[";
  for (const ViewOperation& each : operations) text += (text.size() > 1 ? ", " : "") + each.text;
  return text + "]";
}

}  // namespace fergraph
