#include "cli/replay_command.hpp"

#include <cmath>
#include <cstdio>

#include "cli/commands.hpp"
#include "cli/comparison.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "cli/pack.hpp"
#include "cli/process_settings.hpp"
#include "cli/shipped_pipelines.hpp"
#include "graph/run.hpp"

namespace fergraph {
namespace {

struct Wiring {
  std::filesystem::path file;
  std::filesystem::path missing;  // the variant's own file, where the method's general one stands in for it
};

// pipelines/methods/<method>.<variant>.yaml where there is one, else <method>.yaml.
Wiring wiring_of(const Pack& pack, const ReplayCommand& command) {
  if (!command.pipeline.empty()) return {command.pipeline, {}};
  const std::filesystem::path folder =
      (command.pipelines.empty() ? shipped_pipelines() : command.pipelines) / "methods";
  const std::filesystem::path special = folder / (pack.text("method") + "." + pack.text("variant") + ".yaml");
  if (std::filesystem::exists(special)) return {special, {}};
  const std::filesystem::path general = folder / (pack.text("method") + ".yaml");
  if (std::filesystem::exists(general)) return {general, special};
  throw RunError("There is no wiring for the pack: neither '" + special.string() + "' nor '" + general.string() +
                 "' exists. Name one with --pipeline, or the folder of shipped files with --pipelines.");
}

bool is_word(const Tree& value) {
  if (!value.is_scalar()) return false;
  try {
    (void)CompiledFormula(value, nullptr);
    return false;
  } catch (const PipelineError&) {
    return true;
  }
}

std::string kind_of(const nlohmann::json& value) {
  if (value.is_number()) return "number";
  return "value";
}

// A whole number is written as one, although a pack may have it as a float: a count of 10.0 is no count for a file.
std::string yaml_of(const nlohmann::json& value) {
  constexpr double exact = 9007199254740992;  // 2^53
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) {
    std::string list;
    for (const nlohmann::json& each : value) list += (list.empty() ? "" : ", ") + yaml_of(each);
    return "[" + list + "]";
  }
  const double number = value.is_number_float() ? value.get<double>() : 0.5;
  if (std::floor(number) == number && std::abs(number) < exact) return std::to_string(static_cast<long long>(number));
  return value.dump();
}

// What the pack fixes, as settings on top of the file. Throws where a number has no parameter in the file.
std::vector<std::string> settings_of(const Pack& pack, const Wiring& wiring, const Tree& root) {
  std::vector<std::string> settings;
  const Tree* params = root.find("params");
  const auto set = [&](const std::string& name, const std::string& value) {
    if (params && params->find(name)) settings.push_back("params." + name + "=" + value);
  };
  set("epochs", std::to_string(pack.integer("epochs")));
  set("steps", std::to_string(pack.integer("steps_per_epoch")));
  set("classes", std::to_string(pack.integer("classes")));
  if (const Tree* states = root.find("state")) {
    for (const Tree::Member& state : states->members) {
      const Tree* kind = state.value.find("kind");
      if (!kind || kind->text != "network" || state.value.find("copy_of")) continue;
      const std::string prefix = "state." + state.key + ".";
      settings.push_back(prefix + "backbone=" + pack.text("backbone"));
      settings.push_back(prefix + "normalize_feature=" + (pack.integer("normalize_feature") ? "true" : "false"));
      for (const char* fixed : {"dropout", "weights", "channels", "mean", "std"})
        if (state.value.find(fixed)) settings.push_back(prefix + fixed + "=~");
    }
  }
  const nlohmann::json hyper = nlohmann::json::parse(pack.text("hyper"), nullptr, /*allow_exceptions=*/false);
  if (!hyper.is_object())
    throw RunError("The attribute 'hyper' of the pack '" + pack.file().string() +
                   "' is no JSON map of hyper-parameters. Make the pack again.");
  for (const auto& [name, value] : hyper.items()) {
    const Tree* own = params ? params->find(name) : nullptr;
    if (value.is_null()) continue;
    if (value.is_string()) {
      // Words choose (an optimizer, a schedule); other texts only document a formula that the wiring has.
      if (own && is_word(*own)) set(name, value.get<std::string>());
    } else if (own) {
      set(name, yaml_of(value));
    } else if (!value.is_boolean() && name != "noise_ratio") {
      throw RunError("The pack gives the " + kind_of(value) + " '" + name + "', but '" + wiring.file.string() +
                     "' has no parameter of that name." +
                     did_you_mean(name, params ? params->keys() : std::vector<std::string>{}) +
                     (wiring.missing.empty()
                          ? " Name the file's parameter so, or choose another wiring with --pipeline."
                          : " It stands in for the pack's own variant, whose file '" + wiring.missing.string() +
                                "' does not exist. Write that, name the parameter so, or choose another wiring with "
                                "--pipeline."));
    }
  }
  return settings;
}

class Comparer : public RunObserver {
 public:
  explicit Comparer(Comparison& comparison) : comparison_(comparison) {}
  void recorded(Section section, const Clock& clock, const std::vector<RecordedValue>& values) override {
    for (const RecordedValue& value : values)
      if (const auto numbers = value.numbers()) comparison_.note(section, clock, *value.name, *numbers);
  }

 private:
  Comparison& comparison_;
};

void restore_networks(const Pack& pack, Run& run) {
  for (const std::string& network : pack.names("/init")) {
    State* state = run.state(network);
    if (!state)
      throw RunError("The pack has initial weights of '" + network +
                     "', but the pipeline has no such state. Name its networks as the pack does.");
    Blobs blobs;
    for (const std::string& array : pack.names("/init/" + network))
      blobs[array] = pack.blob("/init/" + network + "/" + array);
    state->restore(blobs);
  }
}

}  // namespace

int replay_command(const ReplayCommand& command, const Registry& registry, std::stop_token stop) {
  const Pack pack(command.pack);
  const Wiring wiring = wiring_of(pack, command);
  if (pack.names("/expect").empty())
    throw RunError("The pack '" + pack.file().string() +
                   "' has nothing in '/expect', so there is nothing to compare with. Make the pack again.");
  LoadOptions load;
  load.file = wiring.file;
  load.settings = settings_of(pack, wiring, load_document(load).root);

  Comparison comparison(pack, command.verbose);
  Comparer comparer(comparison);
  PackFeeds feeds(pack);
  RunOptions options;
  // Draws that the pack does not supply are those of the run that it was recorded from.
  if (pack.has_attribute("seed")) options.seed = static_cast<std::uint64_t>(pack.integer("seed"));
  options.threads = command.threads;
  options.lanes = command.lanes;
  options.stop = stop;
  options.feeds = &feeds;
  options.supply = feeds.supply();
  options.observer = &comparer;
  Run run(check_pipeline(load_document(load), registry), options);
  restore_networks(pack, run);
  run.train();
  for (const std::string& network : pack.names("/expect/final")) {
    State* state = run.state(network);
    comparison.note_final(network, state ? state->save() : Blobs{});
  }
  comparison.close();

  std::printf("%s (%s, %s) through %s\n%s", pack.file().filename().string().c_str(), pack.text("method").c_str(),
              pack.text("variant").c_str(), load.file.string().c_str(), comparison.table().c_str());
  std::printf(comparison.passed() ? "passed\n" : "FAILED\n");
  return comparison.passed() ? 0 : 1;
}

void add_replay_command(CLI::App& app, Actions& actions) {
  auto replayed = std::make_shared<ReplayCommand>();
  CLI::App* command = app.add_subcommand(
      "replay", "Run the wiring that a parity pack names over the pack's batches and compare every number");
  command->add_option("pack", replayed->pack, "The parity pack (.h5)")->required();
  command
      ->add_option("--pipeline", replayed->pipeline,
                   "The wiring (default: <pipelines>/methods/<method>[.<variant>].yaml)")
      ->type_name("FILE");
  command
      ->add_option(
          "--pipelines", replayed->pipelines,
          "The folder of the shipped pipeline files (default: 'pipelines' here, else what came with the program)")
      ->type_name("DIR");
  add_threads_option(*command, replayed->threads);
  add_lanes_option(*command, replayed->lanes);
  command->add_flag("--verbose", replayed->verbose, "Print every compared value");
  add_manual(
      *command,
      {.about = "The pack takes the place of the data and fixes what it has: epochs, steps, batches, initial weights, "
                "numbers of the method. The wiring runs as in a run, and every value that the pack expects is compared "
                "with the record of that name. `fergraph run --record` writes packs.",
       .writes = "To standard output: a table of terms with the worst relative error and where it is.",
       .codes = {{0, "every value within its tolerance"},
                 {1, "a value beyond its tolerance or without a record, or failed"},
                 {130, "interrupted"}},
       .examples = {"fergraph replay fixmatch.h5",
                    "fergraph replay fixmatch.h5 --pipeline my-fixmatch.yaml --verbose"}});
  actions.on(command, [replayed](Surroundings& around) {
    set_compute_threads(0);
    keep_freed_memory();
    return replay_command(*replayed, around.registry(), around.stop());
  });
}

}  // namespace fergraph
