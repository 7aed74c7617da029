#include <cstdio>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "datasets/synthetic.hpp"
#include "graph/feed.hpp"
#include "report/progress.hpp"

namespace fergraph {
namespace {

struct SynthesizeCommand {
  std::filesystem::path directory;
  int train = 3000;
  int test = 600;
  std::uint64_t seed = 1;
  bool quiet = false;
};

int synthesize(const SynthesizeCommand& command, std::stop_token stop) {
  Progress progress(command.quiet);
  SyntheticOptions options;
  options.directory = command.directory;
  options.train = command.train;
  options.test = command.test;
  options.seed = command.seed;
  const bool made = write_synthetic_faces(options, [&](int done, int total) {
    if (stop.stop_requested()) throw Cancelled();
    progress.update("photographs", done, total, "written", "");
  });
  std::printf(made ? "%d photographs are in %s\n" : "The %d photographs in %s are there already; nothing to do.\n",
              command.train + command.test, command.directory.string().c_str());
  return 0;
}

}  // namespace

void add_synthesize_command(CLI::App& app, Actions& actions) {
  auto synthesis = std::make_shared<SynthesizeCommand>();
  CLI::App* command = app.add_subcommand(
      "synthesize", "Draw the synthetic data set: photographs of faces, with boxes, landmarks and labels");
  command->add_option("directory", synthesis->directory, "Where to")->required();
  command->add_option("--train", synthesis->train, "Photographs of the train split")->capture_default_str();
  command->add_option("--test", synthesis->test, "Photographs of the test split")->capture_default_str();
  add_seed_option(*command, synthesis->seed, "Seed");
  add_quiet_option(*command, synthesis->quiet);
  add_manual(
      *command,
      {.about = "Draws faces of seven expressions, of many people, poses and lights. The same seed draws the same "
                "photographs; no photograph of anyone is part of it.",
       .writes = "JPEG files and faces.csv (image, expression, split, box, five landmarks) into the folder.",
       .codes = {{130, "interrupted"}},
       .examples = {"fergraph synthesize demo/photographs --train 3000 --test 600",
                    "fergraph run pipelines/faces/demo.yaml"}});
  actions.on(command, [synthesis](Surroundings& around) { return synthesize(*synthesis, around.stop()); });
}

}  // namespace fergraph
