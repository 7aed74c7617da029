#include <algorithm>

#include "graph/binder.hpp"
#include "graph/section_run.hpp"

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

namespace {

// A parameter that several nodes take is wrong once, at its own place, whoever met it first: "step.a.rate: …".
std::vector<Problem> told_once(const std::vector<Problem>& problems) {
  const auto cause = [](const Problem& problem) {
    const std::size_t colon = problem.message.find(": ");
    return problem.message.substr(colon == std::string::npos ? 0 : colon);
  };
  std::vector<Problem> out;
  for (const Problem& each : problems)
    if (std::none_of(out.begin(), out.end(),
                     [&](const Problem& known) { return known.place == each.place && cause(known) == cause(each); }))
      out.push_back(each);
  return out;
}

}  // namespace

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
  std::vector<Problem> problems = document.problems;
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
  const Tree* given = pipeline.root.find("pipeline");
  // A key that is refused may be the very one that is missed.
  const bool all_read = document.problems.empty();
  if (pipeline.name.empty() && all_read)
    problems.push_back({pipeline.root.place, "The file does not give the pipeline's name. Add 'pipeline: NAME'."});
  else if (!pipeline.name.empty() &&
           (pipeline.name.find_first_of("/\\ \t\n") != std::string::npos || pipeline.name.front() == '.'))
    problems.push_back(
        {given->place,
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
  try {
    (void)on_nan_of(pipeline);
  } catch (const PipelineError& error) {
    problems.push_back(error.problems().front());
  }
  for (const char* clock : {"epoch", "step", "iteration"})
    if (const Tree* params = pipeline.params(); params && params->find(clock))
      problems.push_back({params->find(clock)->place, "A parameter cannot be called '" + std::string(clock) +
                                                          "', because formulas read the clock under this name. Rename "
                                                          "it."});
  if (section("step").members.empty() && section("streams").members.empty() && all_read)
    problems.push_back(
        {pipeline.root.place,
         "The pipeline has neither a 'step' nor 'streams', so there is nothing to run. Add one of them."});

  if (!problems.empty()) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.place.file, a.place.line, a.place.column) <
             std::tie(b.place.file, b.place.line, b.place.column);
    });
    throw PipelineError(told_once(problems));
  }
  return pipeline;
}

}  // namespace fergraph
