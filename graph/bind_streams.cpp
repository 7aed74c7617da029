#include <algorithm>
#include <array>

#include "graph/binder.hpp"

namespace fergraph {

namespace {

enum class OnVoid { skip, fail };

struct BatchParameters {
  std::int64_t size = 1;
  Order order = Order::shuffled;
  Last last = Last::drop;
  OnVoid on_void = OnVoid::skip;
  int ahead = 3;
};

}  // namespace

template <>
struct Words<OnVoid> {
  static constexpr std::array<std::pair<std::string_view, OnVoid>, 2> all = {
      {{"skip", OnVoid::skip}, {"fail", OnVoid::fail}}};
};

const std::vector<ParameterInfo>& batch_parameters() {
  static const std::vector<ParameterInfo> infos = {
      detail::describe_parameter(&BatchParameters::size, "size", "rows per batch", required, in_range(1, 1 << 20)),
      detail::describe_parameter(&BatchParameters::order, "order", "the order of the samples in each pass"),
      detail::describe_parameter(&BatchParameters::last, "last",
                                 "whether a last batch that is not full is dropped or kept"),
      detail::describe_parameter(&BatchParameters::on_void, "on_void",
                                 "whether a sample that fails is skipped (and logged) or stops the run"),
      detail::describe_parameter(&BatchParameters::ahead, "ahead", "batches prepared ahead of the step, at most",
                                 in_range(1, 1 << 10)),
  };
  return infos;
}

void Binder::bind_batch(const Tree::Member& entry, StreamPlan& stream, Scope& scope) {
  const std::string what = scope.prefix + entry.key;
  std::vector<std::string> known = {"items"};
  for (const ParameterInfo& info : batch_parameters()) known.push_back(info.name);
  for (const Tree::Member& member : entry.value.members)
    if (member.key != "node" && std::find(known.begin(), known.end(), member.key) == known.end())
      problem(member.key_place, what + ": the node 'batch' has no input, state or parameter '" + member.key +
                                    "'. It knows " + listed(known) + "." + did_you_mean(member.key, known));
  Box box(operations_of<BatchParameters>);
  std::vector<ClockedParameter> none;
  bind_parameters(batch_parameters(), entry.value, box, none, false, what);
  const auto& read = *static_cast<const BatchParameters*>(box.get());
  BatchPlan batch;
  batch.place = entry.key_place;
  batch.size = read.size;
  batch.order = read.order;
  batch.last = read.last;
  batch.skip_voids = read.on_void == OnVoid::skip;
  batch.ahead = read.ahead;
  const Tree* items = entry.value.find("items");
  if (!items || !items->is_map() || items->members.empty()) {
    broken_.insert(stream.name + ".batch");
    if (!items || !items->told)
      problem(items ? items->place : entry.key_place,
              what +
                  " needs 'items': a map from the names of its batches' items to references, such as {weak: "
                  "weak.image, label: faces.label}.");
  } else {
    for (const Tree::Member& item : items->members) {
      broken_.insert(stream.name + "." + item.key);
      const auto source = reference(item.value, scope, what + ": the item '" + item.key + "'");
      if (!source) continue;
      const ValueType* from = type_of(*source, scope);
      const std::shared_ptr<const Collator> collator = registry_.find_collator(from);
      if (!collator) {
        problem(item.value.place, what + ": the item '" + item.key + "' is " + std::string(from->name) +
                                      ", which cannot be put into batches. Take another output.");
        continue;
      }
      batch.items.push_back({item.key, collator->to});
      batch.sources.push_back(*source);
      batch.collators.push_back(collator);
      broken_.erase(stream.name + "." + item.key);
    }
  }
  stream.batch = std::move(batch);
}

void Binder::bind_streams(const Tree& section) {
  for (const Tree::Member& entry : section.members) {
    StreamPlan stream{entry.key, entry.key_place, {}, {}};
    broken_.insert("streams." + entry.key);
    if (!check_name(entry, "streams." + entry.key) || entry.value.told) continue;
    if (!entry.value.is_map()) {
      problem(entry.value.place, "streams." + entry.key + " must be a map of nodes, but here stands " +
                                     entry.value.described() + ". Begin it with a source and close it with a batch.");
      continue;
    }
    broken_.erase("streams." + entry.key);
    Scope scope{&stream.nodes, entry.value.keys(), "streams." + entry.key + ".", true, false};
    for (const Tree::Member& member : entry.value.members) {
      const Tree* kind = member.value.is_map() ? member.value.find("node") : nullptr;
      if (stream.batch)
        problem(member.key_place,
                scope.prefix + member.key + " stands below the stream's batch, which comes last. Move it up.");
      else if (kind && kind->text == "batch")
        bind_batch(member, stream, scope);
      else
        bind_node(member, scope);
    }
    const bool complete =
        std::all_of(entry.value.members.begin(), entry.value.members.end(), [&](const Tree::Member& member) {
          const Tree* kind = member.value.is_map() ? member.value.find("node") : nullptr;
          return (kind && kind->text == "batch") ||
                 std::any_of(stream.nodes.begin(), stream.nodes.end(),
                             [&](const NodePlan& node) { return node.name == member.key; });
        });
    for (std::size_t i = 0; i < stream.nodes.size(); ++i) {
      const NodePlan& node = stream.nodes[i];
      if (i > 0 && node.type->is_source())
        problem(node.place, node.qualified + ": a stream has one source, its first node. Give '" + node.type->name +
                                "' a stream of its own.");
      if (i == 0 && !node.type->is_source() && complete)
        problem(node.place, node.qualified + ": a stream begins with a source of samples, but '" + node.type->name +
                                "' is none. Put a source above it.");
      if (!node.type->states.empty())
        problem(node.place, node.qualified + ": '" + node.type->name +
                                "' uses a state, but streams run ahead of the step and would see old values. Look the "
                                "state up in the step.");
      if (node.type->is_sink() && i + 1 < stream.nodes.size())
        problem(node.place, node.qualified + ": '" + node.type->name +
                                "' writes what the stream made and comes last. Move it down.");
    }
    const bool writes = std::any_of(stream.nodes.begin(), stream.nodes.end(),
                                    [](const NodePlan& node) { return node.type->is_sink(); });
    if (complete && !stream.batch && !writes)
      problem(
          entry.key_place,
          "streams." + entry.key +
              " has no end. Close it with a 'batch' for the step, or with a node that writes, such as write_cache.");
    pipeline_.streams.push_back(std::move(stream));
  }
}

}  // namespace fergraph
