// `fergraph evaluate`: scores the networks of a run on any data.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "cli/process_settings.hpp"
#include "cli/stale_caches.hpp"
#include "report/evaluation.hpp"
#include "report/evaluation_table.hpp"
#include "report/predictions.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

struct EvaluateCommand {
  std::filesystem::path run;
  std::vector<std::filesystem::path> data;
  std::vector<std::string> settings;
  std::string name;
  std::string split;
  std::string checkpoint = "last";
  bool resize = false;
  EvaluationOptions options;
  int compute_threads = 0;
  bool json = false;
  std::filesystem::path csv;
};

// The entry of a stream's source, parameters inserted; nothing where there is none.
Tree source_entry(const Document& document, const std::string& stream) {
  std::vector<Problem> told_by_the_check;
  const Tree root = insert_parameters(document.root, told_by_the_check);
  const Tree* streams = root.find("streams");
  const Tree* own = streams ? streams->find(stream) : nullptr;
  return own && !own->members.empty() ? own->members.front().value : Tree();
}

// A data file of which nothing reaches the measured stream would score the run's own faces under its name.
void expect_test_selection(const std::filesystem::path& data, const EvaluatedRun& run, const Document& merged,
                           const Registry& registry) {
  const Document alone = load_document({data, {}, {}});
  const Tree* params = alone.root.find("params");
  if (params && params->find("test") && !params->find("test")->is_nothing()) return;
  const std::string stream = evaluation_pipeline(run.document(), {}, registry).stream;
  if (!source_entry(run.document(), stream).same(source_entry(merged, stream))) return;
  throw PipelineError({data.string(), 0, 0},
                      "The data file selects no faces to test with, so there is nothing to evaluate. Add them to its "
                      "'params', such as test: {cache: faces.h5, split: test}.");
}

// "raf-db.train-best": the data, what was chosen of it, and the checkpoint where it is not the last. The names of what
// the run itself leaves, "test" and those of its streams, belong to its own faces.
std::string result_name(const EvaluateCommand& command, const std::filesystem::path& data, const EvaluatedRun& run,
                        const std::vector<Evaluation>& before) {
  std::string name = !command.name.empty() ? command.name : data.empty() ? "test" : data.stem().string();
  const bool is_own = data.empty() && command.settings.empty() && command.name.empty();
  if (!is_own && (name == "test" || run.pipeline().find_stream(name) >= 0)) name += "-other";
  if (!command.split.empty()) name += "." + command.split;
  if (command.checkpoint != "last") name += "-" + std::filesystem::path(command.checkpoint).stem().string();
  const std::string base = name;
  const auto taken = [&] {
    return std::any_of(before.begin(), before.end(), [&](const Evaluation& each) { return each.name == name; });
  };
  for (int i = 2; taken(); ++i) name = base + "." + std::to_string(i);
  return name;
}

MeasuredFaces faces_of(const EvaluateCommand& command, const std::filesystem::path& data, const EvaluatedRun& run,
                       const Registry& registry) {
  MeasuredFaces what;
  what.data = data.string();
  what.resize = command.resize;
  if (!command.split.empty()) what.faces.split = command.split;
  if (!data.empty() || !command.settings.empty()) {
    LoadOptions load{run.directory() / "pipeline.yaml", {}, command.settings};
    if (!data.empty()) load.data.push_back(data);
    Document merged = load_document(load);
    resolve_made_by(merged);
    if (!data.empty()) expect_test_selection(data, run, merged, registry);
    what.faces.merged = std::move(merged);
  }
  refuse_stale_caches(evaluation_pipeline(run.document(), what.faces, registry).pipeline, registry);
  return what;
}

int evaluate(const EvaluateCommand& command, const Registry& registry) {
  if (command.name.find('/') != std::string::npos || command.name.starts_with('.')) {
    std::fprintf(stderr,
                 "--name is a file's name in the run's predictions/, without '/' and no dot in front, not '%s'.\n",
                 command.name.c_str());
    return 2;
  }
  const EvaluatedRun run(command.run, registry);
  const SavedStates states = read_states(run.directory(), command.checkpoint, run.pipeline());
  std::vector<std::filesystem::path> all = command.data;
  if (all.empty()) all.emplace_back();
  std::vector<Evaluation> evaluations;
  for (const std::filesystem::path& data : all) {
    MeasuredFaces what = faces_of(command, data, run, registry);
    what.name = result_name(command, data, run, evaluations);
    evaluations.push_back(run.evaluate(what, states, command.options));
    for (const std::string& warning : evaluations.back().warnings)
      std::fprintf(stderr, "warning: %s\n", warning.c_str());
    write_predictions(run.directory(), evaluations.back(), KeepFeatures::yes);
  }
  if (!command.csv.empty()) write_whole(command.csv, evaluation_csv(evaluations));
  if (command.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Evaluation& each : evaluations) list.push_back(summary_json(each));
    std::printf("%s\n", list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return 0;
  }
  std::string networks;
  for (const std::string& name : evaluations.front().networks) networks += (networks.empty() ? "" : ", ") + name;
  std::printf("%s of %s, checkpoint %s, after epoch %lld of %lld\n", networks.c_str(), run.directory().c_str(),
              states.name.c_str(), static_cast<long long>(states.clock.epoch),
              static_cast<long long>(states.clock.epochs));
  std::printf("%s", evaluation_text(evaluations).c_str());
  std::printf("Predictions of each face: %s\n", (run.directory() / "predictions").c_str());
  return 0;
}

}  // namespace

void add_evaluate_command(CLI::App& app, Actions& actions) {
  auto given = std::make_shared<EvaluateCommand>();
  CLI::App* command = app.add_subcommand("evaluate", "Score the networks of a run on any data");
  command->add_option("run", given->run, "The run directory")->required();
  command
      ->add_option("--data", given->data,
                   "A data file whose selection `test` is measured; a row each (repeatable; default: the run's own)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--set", given->settings,
                   "Override a parameter, of the data files too: name=value (repeatable), such as "
                   "test.aliases={contempt: ~}")
      ->type_name("K=V")
      ->allow_extra_args(false);
  command->add_option("--name", given->name, "Of the result and its files (default: that of the data file)");
  command->add_option("--split", given->split, "The split that is measured, in place of that of the selection");
  command->add_option("--checkpoint", given->checkpoint, "last, best, or a checkpoint's file")
      ->type_name("last|best|FILE")
      ->capture_default_str();
  command->add_flag("--resize", given->resize, "Resize faces of another size than those that the run was trained with");
  command->add_option("--csv", given->csv, "Write the table as CSV too")->type_name("FILE");
  command->add_flag("--json", given->json, "Print JSON in place of the table");
  add_threads_option(*command, given->options.threads);
  add_compute_threads_option(*command, given->compute_threads);
  add_device_option(*command, given->options.device);
  add_manual(
      *command,
      {.about = "Scores the networks of a finished run on its own test faces, or on those of other data files. Classes "
                "are matched by their names, whatever their order.",
       .writes = "A table of all data sets; and of each, in the run directory, predictions/<name>.csv with a line per "
                 "face, .json with what is printed, and .features.npy.",
       .codes = {{130, "interrupted"}},
       .examples = {
           "fergraph evaluate runs/try",
           "fergraph evaluate runs/try --data raf-db.yaml --data sfew.yaml --csv cross-dataset.csv",
           "fergraph evaluate runs/try --data pipelines/data/csv.yaml --set cache=other.h5 --checkpoint best",
           "fergraph evaluate runs/try --data affectnet.yaml --split valid --set \"test.aliases={contempt: ~}\""}});
  actions.on(command, [given](Surroundings& around) {
    set_compute_threads(given->compute_threads);
    keep_freed_memory();
    given->options.stop = around.stop();
    return evaluate(*given, around.registry());
  });
}

}  // namespace fergraph
