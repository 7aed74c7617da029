#include <cstdio>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "report/model/model.hpp"

namespace fergraph {
namespace {

struct ExportCommand {
  std::filesystem::path run;
  std::filesystem::path out;
  std::string checkpoint;
};

int export_model(const ExportCommand& command, const Registry& registry) {
  const Model model = open_model(command.run, command.checkpoint, registry);
  const ExportOutcome outcome = write_model(model, command.out);
  const ModelCard& card = model.card;
  std::string networks;
  for (const ModelNetwork& each : card.networks)
    networks += (networks.empty() ? "" : ", ") + each.name + " (" + each.design.find("backbone")->text + ")";
  std::printf("%s: %s of %s, %zu classes, after %lld steps", command.out.c_str(), networks.c_str(),
              card.pipeline.c_str(), card.class_names.size(), static_cast<long long>(card.iteration));
  if (card.accuracy && card.accuracy->at_checkpoint)
    std::printf(", test accuracy %.2f %%", 100 * *card.accuracy->at_checkpoint);
  std::printf(".\n");
  for (const std::string& file : outcome.files) std::printf("  %s\n", file.c_str());
  if (!outcome.without_torchscript.empty())
    std::fprintf(stderr, "warning: There is no model.pt: %s\n", outcome.without_torchscript.c_str());
  if (!card.preprocessing)
    std::fprintf(stderr,
                 "warning: The run kept no account of how its faces were made, and its cache is not there: the model "
                 "can only look at faces that are cut out (fergraph predict --aligned).\n");
  for (const std::string& note : outcome.notes) std::fprintf(stderr, "warning: %s\n", note.c_str());
  return 0;
}

}  // namespace

void add_export_command(CLI::App& app, Actions& actions) {
  auto command = std::make_shared<ExportCommand>();
  CLI::App* export_app = app.add_subcommand("export", "Make a model of a run: weights, a card, TorchScript");
  export_app->add_option("run", command->run, "The folder of a run")->required();
  export_app->add_option("--out,-o", command->out, "The folder that the model is written to")
      ->type_name("FOLDER")
      ->required();
  export_app->add_option("--checkpoint", command->checkpoint, "last, best, or a file of the run's checkpoints")
      ->type_name("WHICH")
      ->default_str("last");
  add_manual(
      *export_app,
      {.about = "Makes a model that needs neither the run nor, for TorchScript, this program.",
       .writes =
           "Into the folder: model.safetensors (the networks that make the run's records test.*, under the public "
           "names of their arrays), model.json (classes, networks, input, how faces are cut out, accuracies, "
           "provenance) and model.pt (TorchScript: torch.jit.load(\"model.pt\")(images), images uint8 "
           "[N, H, W, 3] RGB, gives logits [N, C]).",
       .codes = {},
       .examples = {"fergraph export runs/demo/20260101-120000-0123456789 -o model --checkpoint best"}});
  actions.on(export_app, [command](Surroundings& around) { return export_model(*command, around.registry()); });
}

}  // namespace fergraph
