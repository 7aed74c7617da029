#include "graph/binder.hpp"

#include <algorithm>

namespace fergraph {
namespace {

std::vector<std::string> names_of(const auto& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

int index_of(const auto& entries, const std::string& name) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].name == name) return static_cast<int>(i);
  return -1;
}

std::string standing_above(const std::vector<std::string>& names) {
  if (names.empty()) return " Nothing stands above it.";
  return (names.size() == 1 ? " Above it stands " : " Above it stand ") + listed(names) + ".";
}

// How many parts an output has: as many as the list that they follow; none where it has no parts at all.
std::optional<std::size_t> count_of_parts(const NodePlan& node, const OutputPort& output) {
  if (!output.part) return std::nullopt;
  for (const InputBinding& binding : node.inputs)
    if (node.type->inputs[static_cast<std::size_t>(binding.port)].name == output.parts_of)
      return binding.sources.size();
  for (const StateBinding& binding : node.states)
    if (node.type->states[static_cast<std::size_t>(binding.port)].name == output.parts_of) return binding.states.size();
  return 0;
}

// The word under `key` of an entry, which every node and state needs.
const Tree* kind_word(const Tree::Member& entry, const char* key, const std::string& owner, const std::string& example,
                      std::vector<Problem>& problems) {
  if (entry.value.told) return nullptr;
  if (!entry.value.is_map()) {
    problems.push_back({entry.value.place, owner + " must be a map such as {" + key + ": " + example +
                                               "}, but here stands " + entry.value.described() + "."});
    return nullptr;
  }
  const Tree* word = entry.value.find(key);
  if (word && word->told) return nullptr;
  if (!word || !word->is_scalar()) {
    problems.push_back({word ? word->place : entry.key_place, owner + " does not say what it is. Give it '" + key +
                                                                  ":', for example " + key + ": " + example + "."});
    return nullptr;
  }
  return word;
}

}  // namespace

template <class ReadFunction>
void Binder::collect(const std::string& what, const std::string& key, ReadFunction&& read) {
  try {
    read();
  } catch (const PipelineError& error) {
    for (const Problem& each : error.problems()) {
      // "step.a.rate: Expected is …", but "step.a: 'rate' must …".
      const bool named = key.empty() || each.message.starts_with("'" + key + "'");
      problem(each.place, what + (named ? "" : "." + key) + ": " + each.message);
    }
  }
}

template <class Info>
void Binder::bind_parameters(const std::vector<Info>& infos, const Tree& entry, Box& box,
                             std::vector<ClockedParameter>& clocked, bool may_use_clock, const std::string& what) {
  for (const ParameterInfo& info : infos) {
    const Tree* value = entry.find(info.name);
    if (!value || value->is_nothing()) {
      if (info.is_required && !(value && value->told))
        problem(entry.place, what + " needs the parameter '" + info.name + "' (" + info.doc + "). Add it.");
      continue;
    }
    collect(what, info.name, [&] {
      read_parameter(info, *value, pipeline_.params(), box.get());
      if (!info.is_formula) return;
      auto formula = std::make_shared<CompiledFormula>(*value, pipeline_.params());
      if (!formula->uses_clock()) return;
      if (!may_use_clock)
        throw PipelineError(value->place, "'" + info.name +
                                              "' uses the clock, but streams run ahead of it. Use numbers and "
                                              "parameters here, or look the value up in the step.");
      clocked.push_back({info.offset, std::move(formula), &info, value->place});
    });
  }
}

std::vector<int> Binder::state_names(const Tree& value, bool is_list, std::type_index type, const std::string& what,
                                     const std::string& port, const std::string& kind_doc) {
  std::vector<int> states;
  if (value.is_list() && !is_list) {
    problem(value.place, what + ": '" + port + "' takes one state, but here stands a list. Name one state.");
    return states;
  }
  for (const Tree& name : value.is_list() ? value.items : std::vector<Tree>{value}) {
    const int state = name.is_scalar() ? pipeline_.find_state(name.text) : -1;
    if (state < 0 && (name.told || broken_.count(name.text))) continue;
    if (state < 0) {
      const auto known = names_of(pipeline_.states);
      problem(name.place, what + ": '" + port + "' takes a state, but " +
                              (name.is_scalar() ? "there is no " + name.described() + " above it."
                                                : "here stands " + name.described() + ".") +
                              standing_above(known) + did_you_mean(name.text, known));
      continue;
    }
    const StatePlan& plan = pipeline_.states[static_cast<std::size_t>(state)];
    if (!plan.type->is_a(type)) {
      problem(name.place, what + ": '" + port + "' takes " + kind_doc + ", but '" + plan.name + "' is of the kind '" +
                              plan.type->name + "'. Name a state that fits.");
      continue;
    }
    states.push_back(state);
  }
  if (value.is_list() && value.items.empty())
    problem(value.place, what + ": '" + port + "' takes at least one state, but the list is empty. Name one.");
  return states;
}

bool Binder::check_name(const Tree::Member& entry, const std::string& what) {
  const bool plain = !entry.key.empty() && std::all_of(entry.key.begin(), entry.key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
  });
  if (!plain)
    problem(entry.key_place,
            what + ": a name is a word of letters, digits, '_' and '-', so that it can be referred to. Rename '" +
                entry.key + "'.");
  return plain;
}

void Binder::bind_states(const Tree& section) {
  for (const Tree::Member& entry : section.members) {
    const std::string what = "state." + entry.key;
    broken_.insert(entry.key);
    const Tree* kind = check_name(entry, what) ? kind_word(entry, "kind", what, "table", problems_) : nullptr;
    if (!kind) continue;
    const std::shared_ptr<const StateType> type = registry_.find_state(kind->text);
    if (!type) {
      problem(kind->place, what + ": there is no kind of state '" + kind->text + "'. Known are " +
                               listed(registry_.state_names()) + "." +
                               did_you_mean(kind->text, registry_.state_names()));
      continue;
    }
    broken_.erase(entry.key);
    StatePlan plan{entry.key, type, entry.key_place, Box(*type->parameter_struct), {}, {}, {}};
    for (const Tree::Member& member : entry.value.members) {
      if (member.key == "kind" || type->parameter(member.key) || type->link(member.key)) continue;
      problem(member.key_place, what + ": the kind '" + type->name + "' has no parameter or state '" + member.key +
                                    "'. It knows " + listed(type->keys()) + "." +
                                    did_you_mean(member.key, type->keys()));
    }
    bind_parameters(type->parameters, entry.value, plan.parameters, plan.clocked, true, what);
    for (std::size_t i = 0; i < type->links.size(); ++i) {
      const StateLink& link = type->links[i];
      const Tree* value = entry.value.find(link.name);
      if (!value || value->is_nothing()) {
        if (!link.is_optional && !(value && value->told))
          problem(entry.key_place, what + " needs '" + link.name + "' (" + link.doc + "). Add it.");
        continue;
      }
      StateBinding binding{static_cast<int>(i),
                           state_names(*value, link.is_list, link.type, what, link.name, "another kind of state"),
                           Access::read};
      if (link.owns) plan.owned.insert(plan.owned.end(), binding.states.begin(), binding.states.end());
      plan.links.push_back(std::move(binding));
    }
    pipeline_.states.push_back(std::move(plan));
  }
}

std::optional<ValueSource> Binder::reference(const Tree& text, const Scope& scope, const std::string& what) {
  if (text.told) return std::nullopt;
  if (!text.is_scalar()) {
    problem(text.place, what + " takes a reference such as node.output, but here stands " + text.described() + ".");
    return std::nullopt;
  }
  ValueSource source;
  source.place = text.place;
  source.text = text.text;
  const std::size_t dot = text.text.find('.');
  std::string owner = text.text.substr(0, dot);
  std::string port = dot == std::string::npos ? "" : text.text.substr(dot + 1);
  if (port.ends_with(']')) {
    const std::size_t open = port.find('[');
    const std::string number = open == std::string::npos ? "" : port.substr(open + 1, port.size() - open - 2);
    if (number.empty() || number.size() > 4 || number.find_first_not_of("0123456789") != std::string::npos) {
      problem(text.place, what + ": '" + text.text + "' is no reference. A part is written node.output[0].");
      return std::nullopt;
    }
    source.part = std::stoi(number);
    port.resize(open);
  }
  source.node = index_of(*scope.nodes, owner);
  if (source.node < 0 && (broken_.count(scope.prefix + owner) || broken_.count(owner + "." + port)))
    return std::nullopt;
  if (source.node >= 0) {
    const NodeType& type = *(*scope.nodes)[static_cast<std::size_t>(source.node)].type;
    source.output = index_of(type.outputs, port);
    if (dot == std::string::npos && !type.outputs.empty()) {
      problem(text.place, what + " names the node '" + owner + "', but none of its outputs. It gives " +
                              listed(type.output_names()) + "; write for example " + owner + "." +
                              type.outputs.front().name + ".");
      return std::nullopt;
    }
    if (source.output < 0) {
      problem(text.place, what + ": '" + owner + "' (" + type.name + ") has no output '" + port + "'. It gives " +
                              listed(type.output_names()) + "." + did_you_mean(port, type.output_names()));
      return std::nullopt;
    }
    const std::optional<std::size_t> parts = count_of_parts((*scope.nodes)[static_cast<std::size_t>(source.node)],
                                                            type.outputs[static_cast<std::size_t>(source.output)]);
    if (source.part >= 0 && !parts) {
      problem(text.place, what + ": '" + owner + "." + port + "' has no parts. Refer to it as a whole, without [" +
                              std::to_string(source.part) + "].");
      return std::nullopt;
    }
    if (source.part >= 0 && static_cast<std::size_t>(source.part) >= *parts) {
      if (!flawed_.count((*scope.nodes)[static_cast<std::size_t>(source.node)].qualified))
        problem(text.place, what + ": '" + owner + "." + port + "' has " + std::to_string(*parts) +
                                (*parts == 1 ? " part" : " parts") + ", counted from 0. Write a number from 0 to " +
                                std::to_string(*parts - 1) + ".");
      return std::nullopt;
    }
    return source;
  }
  if (!scope.in_stream) {
    source.stream = pipeline_.find_stream(owner);
    if (source.stream >= 0) {
      const StreamPlan& stream = pipeline_.streams[static_cast<std::size_t>(source.stream)];
      if (!stream.batch) {
        // A stream without an end is told where it stands.
        if (stream.has_sink())
          problem(text.place, what + " refers to '" + text.text + "', but the stream '" + owner +
                                  "' writes its samples and gives no batches. Add a stream that reads what it wrote.");
        return std::nullopt;
      }
      source.item = index_of(stream.batch->items, port);
      if (source.item >= 0 && source.part >= 0) {
        problem(text.place, what + ": '" + owner + "." + port +
                                "' is an item of a batch and has no parts. Write it without [" +
                                std::to_string(source.part) + "].");
        return std::nullopt;
      }
      if (source.item < 0) {
        const auto known = names_of(stream.batch->items);
        if (source.item < 0 && broken_.count(owner + ".batch")) return std::nullopt;
        problem(text.place, what + ": the batches of the stream '" + owner + "' have no item '" + port +
                                "'. They have " + listed(known) + "." + did_you_mean(port, known));
        return std::nullopt;
      }
      return source;
    }
  }
  if (!scope.in_stream && broken_.count("streams." + owner)) return std::nullopt;
  std::vector<std::string> known = names_of(*scope.nodes);
  if (!scope.in_stream)
    for (const StreamPlan& stream : pipeline_.streams) known.push_back(stream.name);
  if (std::find(scope.all_names.begin(), scope.all_names.end(), owner) != scope.all_names.end())
    problem(
        text.place,
        what + " refers to '" + text.text + "', but '" + owner +
            "' does not stand above it. A node refers only to nodes above; move it up, or carry the value in a state.");
  else if (dot == std::string::npos)
    problem(text.place, what + " takes a reference such as node.output, but here stands '" + text.text + "'." +
                            standing_above(known) + did_you_mean(owner, known));
  else
    problem(text.place, what + " refers to '" + text.text + "', but there is no '" + owner + "' above it." +
                            standing_above(known) + did_you_mean(owner, known));
  return std::nullopt;
}

const ValueType* Binder::type_of(const ValueSource& source, const Scope& scope) const {
  if (source.stream >= 0)
    return pipeline_.streams[static_cast<std::size_t>(source.stream)]
        .batch->items[static_cast<std::size_t>(source.item)]
        .type;
  return (*scope.nodes)[static_cast<std::size_t>(source.node)]
      .type->outputs[static_cast<std::size_t>(source.output)]
      .form.type;
}

void Binder::bind_input(NodePlan& node, int port_index, const Tree& value, const Scope& scope) {
  const InputPort& port = node.type->inputs[static_cast<std::size_t>(port_index)];
  const std::string what = node.qualified + ": '" + port.name + "'";
  InputBinding binding{port_index, {}};
  const auto add = [&](const Tree& text, const Tree* weight) {
    std::optional<ValueSource> source = reference(text, scope, what);
    if (!source) return;
    const ValueType* type = type_of(*source, scope);
    if (!type) return;
    std::size_t form = 0;
    while (form < port.forms.size() && port.forms[form].type != type) ++form;
    if (form == port.forms.size()) {
      std::string expected;
      for (const PortForm& each : port.forms)
        expected += (expected.empty() ? "" : " or ") + std::string(each.type->name) + " (" + each.shape + ")";
      std::vector<std::string> fitting;
      if (source->node >= 0) {
        const NodePlan& owner = (*scope.nodes)[static_cast<std::size_t>(source->node)];
        for (const OutputPort& output : owner.type->outputs)
          for (const PortForm& each : port.forms)
            if (each.type == output.form.type) fitting.push_back(owner.name + "." + output.name);
      }
      problem(text.place,
              what + " takes " + expected + ", but '" + text.text + "' is " + std::string(type->name) + "." +
                  (fitting.empty() ? " Refer to an output that fits."
                                   : " Of that node " + listed(fitting) + (fitting.size() == 1 ? " fits." : " fit.")));
      return;
    }
    if (port.is_view && source->stream < 0) {
      problem(text.place, what + " reads a whole stream, so it takes stream.item, but '" + text.text +
                              "' is a node's output. Refer to an item of a stream's batch.");
      return;
    }
    if (!port.is_view && source->stream >= 0 && scope.reads_views) {
      problem(text.place, what + " refers to a batch of '" + text.text +
                              "', but batches are there only in the step. Read the stream with a pass.");
      return;
    }
    if (port.is_view && !scope.reads_views) {
      problem(
          text.place,
          what + " reads a whole stream, which only the sections epoch_start and epoch_end can. Move the node there.");
      return;
    }
    source->form = form;
    if (weight)
      collect(what, "", [&] { source->weight = std::make_shared<CompiledFormula>(*weight, pipeline_.params()); });
    binding.sources.push_back(std::move(*source));
  };
  if (value.told) return;
  if (port.is_weighted) {
    if (!value.is_map()) {
      problem(value.place,
              what + " takes a map from references to numbers, such as {a.loss: 1, b.loss: 0.5}, but here stands " +
                  value.described() + ".");
      return;
    }
    for (const Tree::Member& term : value.members) add(Tree::scalar(term.key, term.key_place), &term.value);
    if (value.members.empty())
      problem(value.place, what + " takes at least one reference, but the map is empty. Give it a term.");
  } else if (value.is_list()) {
    if (!port.is_list) {
      problem(value.place,
              what + " takes one reference, but here stands a list. Refer to one value, or join them in a node above.");
      return;
    }
    for (const Tree& item : value.items) add(item, nullptr);
    if (value.items.empty() && !port.is_optional)
      problem(value.place, what + " takes at least one reference, but the list is empty. Give it one.");
  } else {
    add(value, nullptr);
  }
  if (binding.sources.size() < (value.is_list() ? value.items.size() : 1)) flawed_.insert(node.qualified);
  if (!binding.sources.empty()) node.inputs.push_back(std::move(binding));
}

void Binder::bind_node(const Tree::Member& entry, Scope& scope) {
  const std::string what = scope.prefix + entry.key;
  broken_.insert(what);
  const Tree* kind = check_name(entry, what) ? kind_word(entry, "node", what, "forward", problems_) : nullptr;
  if (!kind) return;
  const std::shared_ptr<const NodeType> type = registry_.find_node(kind->text);
  if (!type && kind->text == "batch") {
    problem(kind->place, what + ": a batch closes a stream and has no meaning in a section. Move it into 'streams'.");
    return;
  }
  if (!type) {
    std::vector<std::string> known = registry_.node_names();
    if (scope.in_stream) known.push_back("batch");
    problem(kind->place, what + ": there is no node '" + kind->text + "'. `fergraph nodes` lists all." +
                             did_you_mean(kind->text, known));
    return;
  }
  if (!scope.in_stream && (type->is_source() || type->is_sink())) {
    problem(kind->place, what + ": '" + type->name + "' works on the samples of a stream. Move it into 'streams'.");
    return;
  }
  broken_.erase(what);
  NodePlan node;
  node.name = entry.key;
  node.qualified = what;
  node.type = type;
  node.place = entry.key_place;
  node.parameters = Box(*type->parameter_struct);
  node.written = entry.value.flow();
  for (const Tree::Member& member : entry.value.members) {
    if (member.key == "node" || type->input(member.key) || type->state(member.key) || type->parameter(member.key))
      continue;
    if (member.key == "when" && !scope.in_stream) continue;
    if (member.key == "when") {
      problem(member.key_place, what +
                                    ": streams run ahead of the clock and know no 'when'. Put the condition on the "
                                    "step's node that uses the value.");
      continue;
    }
    problem(member.key_place, what + ": the node '" + type->name + "' has no input, state or parameter '" + member.key +
                                  "'. It knows " + listed(type->keys()) + "." + did_you_mean(member.key, type->keys()));
  }
  bind_parameters(type->parameters, entry.value, node.parameters, node.clocked, !scope.in_stream, what);
  for (std::size_t i = 0; i < type->inputs.size(); ++i) {
    const InputPort& port = type->inputs[i];
    const Tree* value = entry.value.find(port.name);
    if (value && !value->is_nothing())
      bind_input(node, static_cast<int>(i), *value, scope);
    else if (!port.is_optional && !(value && value->told))
      problem(entry.key_place,
              what + " needs the input '" + port.name + "' (" + port.shape + ", " + port.doc + "). Add it.");
  }
  for (std::size_t i = 0; i < type->states.size(); ++i) {
    const StatePort& port = type->states[i];
    const Tree* value = entry.value.find(port.name);
    if (!value || value->is_nothing()) {
      if (!port.is_optional && !(value && value->told))
        problem(entry.key_place, what + " needs the state '" + port.name + "' (" + port.doc + "). Add it.");
      continue;
    }
    const Access access = port.access_depends ? port.access_of(node.parameters.get()) : port.access;
    std::vector<int> states =
        state_names(*value, port.is_list, port.type, what, port.name, "a state of the kind '" + port.kind_doc + "'");
    if (states.size() < (value->is_list() ? value->items.size() : 1)) flawed_.insert(what);
    node.states.push_back({static_cast<int>(i), std::move(states), access});
  }
  check_counts(node);
  if (const Tree* when = entry.value.find("when"); when && !when->is_nothing() && !scope.in_stream)
    collect(what, "when", [&] { node.when = std::make_shared<CompiledFormula>(*when, pipeline_.params()); });
  scope.nodes->push_back(std::move(node));
}

void Binder::check_counts(const NodePlan& node) {
  const auto count = [&](const std::string& name) -> std::size_t {
    for (const InputBinding& binding : node.inputs)
      if (node.type->inputs[static_cast<std::size_t>(binding.port)].name == name) return binding.sources.size();
    for (const StateBinding& binding : node.states)
      if (node.type->states[static_cast<std::size_t>(binding.port)].name == name) return binding.states.size();
    return 0;
  };
  for (const auto& [first, second] : node.type->equal_counts) {
    const std::size_t a = count(first), b = count(second);
    if (a == b || flawed_.count(node.qualified)) continue;
    problem(node.place, node.qualified + ": '" + first + "' has " + std::to_string(a) +
                            (a == 1 ? " entry" : " entries") + " and '" + second + "' has " + std::to_string(b) +
                            ", but they belong together in pairs. Give both the same number.");
  }
}

void Binder::bind_section(const Tree& section, Section which) {
  SectionPlan& plan = pipeline_.sections[static_cast<std::size_t>(which)];
  Scope scope{&plan.nodes, section.keys(), std::string(section_name(which)) + ".", false, which != Section::step};
  for (const Tree::Member& entry : section.members) {
    if (pipeline_.find_stream(entry.key) >= 0)
      problem(entry.key_place, scope.prefix + entry.key +
                                   " has the name of a stream. Rename one of them, so that references are clear.");
    bind_node(entry, scope);
  }
  plan_edges(plan.nodes, pipeline_.states);
  check_axes(plan, pipeline_, problems_);
}

void Binder::bind_records(const Tree& section) {
  for (const Tree::Member& entry : section.members) {
    RecordPlan record{entry.key, entry.key_place, {}};
    const std::string what = "records." + entry.key;
    if (entry.value.is_list() && entry.value.items.empty())
      problem(entry.value.place, what +
                                     " takes node.output, a state's name, or a list of these, but the list is empty. "
                                     "Name what it is to show.");
    for (const Tree& text : entry.value.is_list() ? entry.value.items : std::vector<Tree>{entry.value}) {
      if (text.told) continue;
      if (!text.is_scalar()) {
        problem(text.place, what + " takes node.output, a state's name, or a list of these, but here stands " +
                                text.described() + ". Name what it is to show.");
        continue;
      }
      if (const int state = pipeline_.find_state(text.text); state >= 0) {
        record.sources.push_back({Section::epoch_end, -1, -1, -1, state});
        continue;
      }
      const std::string owner = text.text.substr(0, text.text.find('.'));
      std::vector<std::string> known = names_of(pipeline_.states);
      bool found = std::any_of(pipeline_.sections.begin(), pipeline_.sections.end(),
                               [&](const SectionPlan& plan) {
                                 return broken_.count(std::string(section_name(plan.section)) + "." + owner) > 0;
                               }) ||
                   broken_.count(text.text) > 0;
      for (SectionPlan& plan : pipeline_.sections) {
        for (const NodePlan& node : plan.nodes) known.push_back(node.name);
        if (found || index_of(plan.nodes, owner) < 0) continue;
        found = true;
        Scope scope{&plan.nodes, {}, "", true, false};
        const auto source = reference(text, scope, what);
        if (!source) continue;
        const ValueType* type = type_of(*source, scope);
        if (!type->numbers)
          problem(text.place, what + ": '" + text.text + "' is " + std::string(type->name) +
                                  ", which has no numbers to record. Record another output.");
        else
          record.sources.push_back({plan.section, source->node, source->output, source->part, -1});
      }
      if (!found && pipeline_.find_state(owner) >= 0)
        problem(text.place, what + " refers to '" + text.text + "', but '" + owner +
                                "' is a state, which is recorded by its name alone. Write " + owner + ".");
      else if (!found)
        problem(text.place, what + " refers to '" + text.text + "', but there is no node or state '" + owner + "'." +
                                did_you_mean(owner, known));
    }
    pipeline_.records.push_back(std::move(record));
  }
}

void Binder::bind_clock() {
  const Tree* params = pipeline_.params();
  const Tree* epochs = params ? params->find("epochs") : nullptr;
  const Tree* steps = params ? params->find("steps") : nullptr;
  const Place& whole = params ? params->place : pipeline_.root.place;
  if (!epochs || (epochs->is_nothing() && !epochs->told))
    problem(whole,
            "A pipeline with a step needs the parameter 'epochs': how often the epoch is run. Add it to 'params'.");
  else
    collect("params", "epochs", [&] {
      pipeline_.epochs = Codec<std::int64_t>::parse(*epochs, params);
      if (pipeline_.epochs < 1)
        throw PipelineError(epochs->place, "'epochs' must be at least 1, but it is " + epochs->text + ".");
    });
  if (steps && steps->told) return;
  if (!steps || steps->is_nothing()) {
    problem(whole,
            "A pipeline with a step needs the parameter 'steps': a number of steps per epoch, or a stream for one pass "
            "over it. Add it to 'params'.");
    return;
  }
  const std::vector<std::string> known = names_of(pipeline_.streams);
  // Of several streams, the one with most batches counts.
  const bool is_list = steps->is_list() && !steps->items.empty();
  const std::vector<Tree> named = is_list ? steps->items : std::vector<Tree>{*steps};
  for (const Tree& each : named) {
    const int stream = each.is_scalar() ? pipeline_.find_stream(each.text) : -1;
    if (stream >= 0) {
      pipeline_.steps_streams.push_back(stream);
      if (pipeline_.streams[static_cast<std::size_t>(stream)].has_sink())
        problem(each.place, "'steps' names the stream '" + each.text +
                                "', which writes its samples and gives no batches. Name a stream that the step reads.");
    } else if (!each.is_scalar() || !broken_.count("streams." + each.text)) {
      collect("params", "steps", [&] {
        if (each.is_scalar() && (is_list || detail::is_unknown_word(each.text, params)))
          throw PipelineError(each.place, "Expected is " + std::string(is_list ? "" : "a number of steps or ") +
                                              "the name of a stream, but here stands '" + each.text + "'." +
                                              did_you_mean(each.text, known));
        pipeline_.steps = Codec<std::int64_t>::parse(each, params);
        if (pipeline_.steps < 1)
          throw PipelineError(each.place, "'steps' must be at least 1, but it is " + each.text + ".");
      });
    }
  }
}

}  // namespace fergraph
