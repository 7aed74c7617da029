#include <algorithm>

#include "graph/binder.hpp"

namespace fergraph {

std::string_view section_name(Section section) {
  switch (section) {
    case Section::epoch_start:
      return "epoch_start";
    case Section::step:
      return "step";
    case Section::epoch_end:
      return "epoch_end";
  }
  return {};
}

void ClockedParameter::update(void* parameters, const Clock& clock) const {
  const double value = formula->at(clock);
  for (const Limit& limit : info->limits)
    if (!limit.holds(value))
      throw RunError(place.text() + ": error: '" + info->name + "' must " + limit.text + ", but it is " +
                     detail::shortest(value) + " at epoch " + std::to_string(clock.epoch) + ", step " +
                     std::to_string(clock.step) + ".");
  reinterpret_cast<Formula*>(static_cast<char*>(parameters) + offset)->value = value;
}

bool Pipeline::preprocesses() const {
  return std::any_of(streams.begin(), streams.end(), [](const StreamPlan& stream) { return stream.has_sink(); });
}

int Pipeline::find_stream(const std::string& stream) const {
  for (std::size_t i = 0; i < streams.size(); ++i)
    if (streams[i].name == stream) return static_cast<int>(i);
  return -1;
}

int Pipeline::find_state(const std::string& state) const {
  for (std::size_t i = 0; i < states.size(); ++i)
    if (states[i].name == state) return static_cast<int>(i);
  return -1;
}

Pipeline check_pipeline(const Document& document, const Registry& registry) {
  std::vector<Problem> problems;
  Pipeline pipeline;
  pipeline.scope = registry.scope();
  pipeline.file = document.root.place.file;
  pipeline.text = to_yaml(document.root, 3);
  pipeline.root = insert_parameters(document.root, problems);

  const Tree empty = [] {
    Tree map;
    map.kind = Tree::Kind::map;
    return map;
  }();
  const auto section = [&](const char* name) -> const Tree& {
    const Tree* found = pipeline.root.find(name);
    return found && found->is_map() ? *found : empty;
  };
  const auto word = [&](const char* key) {
    const Tree* found = pipeline.root.find(key);
    return found && found->is_scalar() ? found->text : std::string();
  };
  pipeline.name = word("pipeline");
  pipeline.doc = word("doc");
  if (pipeline.name.empty())
    problems.push_back({{pipeline.file, 0, 0}, "The file does not give the pipeline's name. Add 'pipeline: NAME'."});
  else if (pipeline.name.find_first_of("/\\ \t\n") != std::string::npos || pipeline.name.front() == '.')
    problems.push_back(
        {pipeline.root.find("pipeline")->place,
         "The pipeline's name becomes a folder's and must be one word without '/' and blanks, but it is '" +
             pipeline.name + "'."});

  for (std::size_t i = 0; i < pipeline.sections.size(); ++i) pipeline.sections[i].section = static_cast<Section>(i);
  Binder binder(pipeline, registry, problems);
  binder.bind_states(section("state"));
  binder.bind_streams(section("streams"));
  binder.bind_section(section("epoch_start"), Section::epoch_start);
  binder.bind_section(section("step"), Section::step);
  binder.bind_section(section("epoch_end"), Section::epoch_end);
  binder.bind_records(section("records"));
  if (!section("step").members.empty()) binder.bind_clock();
  if (section("step").members.empty() && section("streams").members.empty())
    problems.push_back(
        {{pipeline.file, 0, 0},
         "The pipeline has neither a 'step' nor 'streams', so there is nothing to run. Add one of them."});

  if (!problems.empty()) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.place.file, a.place.line, a.place.column) <
             std::tie(b.place.file, b.place.line, b.place.column);
    });
    throw PipelineError(problems);
  }
  return pipeline;
}

}  // namespace fergraph
