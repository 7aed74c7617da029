// `fergraph weights`: what is in a file of weights, and PyTorch checkpoints as safetensors.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "graph/problem.hpp"
#include "nodes/network/checkpoint.hpp"
#include "nodes/network/safetensors.hpp"
#include "nodes/network/weights_file.hpp"
#include "nodes/tensor_blob.hpp"

namespace fergraph {
namespace {

struct WeightsCommand {
  std::filesystem::path file;
  std::filesystem::path out;  // import
  std::string key;            // the place of the state dict in a checkpoint; found where empty
};

std::size_t bytes_of(const Blobs& arrays) {
  std::size_t bytes = 0;
  for (const auto& [name, blob] : arrays) bytes += blob.bytes.size();
  return bytes;
}

std::optional<Checkpoint> as_checkpoint(const WeightsCommand& command) {
  if (!is_checkpoint(command.file)) return std::nullopt;
  return read_checkpoint(command.file, command.key);
}

void tell_place(const Checkpoint& checkpoint) {
  if (!checkpoint.place.empty()) std::printf("The state dict stands under '%s'.\n", checkpoint.place.c_str());
  if (!checkpoint.left_out.empty())
    std::printf("Left out, as they are no tensors: %s.\n", listed(checkpoint.left_out).c_str());
}

int show_weights(const WeightsCommand& command) {
  const std::optional<Checkpoint> checkpoint = as_checkpoint(command);
  const Blobs arrays = checkpoint ? checkpoint->arrays : read_safetensors(command.file);
  std::size_t longest = 0;
  for (const auto& [name, blob] : arrays) longest = std::max(longest, name.size());
  for (const auto& [name, blob] : arrays)
    std::printf("%-*s  %-4s %s\n", static_cast<int>(longest), name.c_str(), blob.dtype.c_str(),
                shape_text(blob.shape).c_str());
  if (checkpoint) tell_place(*checkpoint);
  std::printf("%zu arrays, %zu bytes\n", arrays.size(), bytes_of(arrays));
  return 0;
}

int import_weights(const WeightsCommand& command) {
  const std::optional<Checkpoint> checkpoint = as_checkpoint(command);
  if (!checkpoint)
    throw std::runtime_error(
        "'" + command.file.string() +
        "' is no checkpoint of PyTorch: it begins neither like a zip file nor like a pickle, or is "
        "absent. A safetensors file needs no import.");
  write_safetensors(command.out, checkpoint->arrays);
  tell_place(*checkpoint);
  std::printf("%zu arrays, %zu bytes are in %s\n", checkpoint->arrays.size(), bytes_of(checkpoint->arrays),
              command.out.string().c_str());
  return 0;
}

}  // namespace

void add_weights_command(CLI::App& app, Actions& actions) {
  auto weights = std::make_shared<WeightsCommand>();
  CLI::App* command =
      app.add_subcommand("weights", "Import PyTorch checkpoints as safetensors, show what is in a file of weights");
  command->require_subcommand(1);
  CLI::App* importing = command->add_subcommand(
      "import", "Write the state dict of a PyTorch checkpoint as safetensors; nothing in the checkpoint is run");
  importing->add_option("file", weights->file, "The checkpoint (.pt, .pth)")->required();
  importing->add_option("--out,-o", weights->out, "The safetensors file")->required()->type_name("FILE");
  add_manual(
      *importing,
      {.about = "Reads the few opcodes and classes that tensors and state dicts use, and refuses the rest by name and "
                "byte.",
       .writes = "The safetensors file of --out, and to standard output what is in it.",
       .codes = {},
       .examples = {"fergraph weights import resnet18.pth -o resnet18.safetensors"}});
  CLI::App* showing = command->add_subcommand("show", "List names, dtypes and shapes");
  showing->add_option("file", weights->file, "A safetensors file or a PyTorch checkpoint")->required();
  add_manual(*showing, {.about = {},
                        .writes = "To standard output alone.",
                        .codes = {},
                        .examples = {"fergraph weights show resnet18.safetensors"}});
  for (CLI::App* each : {importing, showing})
    each->add_option("--key", weights->key,
                     "Where in the checkpoint the state dict is, keys joined by dots (found where left out)")
        ->type_name("KEY");
  add_manual(*command, {.about = {},
                        .writes = {},
                        .codes = {},
                        .examples = {"fergraph weights import resnet18.pth -o resnet18.safetensors",
                                     "fergraph weights show resnet18.safetensors"}});
  actions.on(importing, [weights](Surroundings&) { return import_weights(*weights); });
  actions.on(showing, [weights](Surroundings&) { return show_weights(*weights); });
}

}  // namespace fergraph
