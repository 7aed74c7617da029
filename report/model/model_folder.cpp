#include <algorithm>
#include <fstream>

#include "nodes/face/detect_mtcnn.hpp"
#include "nodes/network/safetensors.hpp"
#include "nodes/network/traced_network.hpp"
#include "report/model/face_pipeline.hpp"
#include "report/model/model.hpp"
#include "report/model/network_of_model.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

const char* const weights_file = "model.safetensors";
const char* const card_file = "model.json";
const char* const script_file = "model.pt";

// What the folder may hold before: an older export of itself.
void refuse_other_contents(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    throw RunError("'" + folder.string() + "' is a file. Name a folder for the model with -o.");
  if (!fs::is_directory(folder, error) || fs::is_empty(folder, error) || fs::exists(folder / card_file, error)) return;
  throw RunError("The folder '" + folder.string() +
                 "' holds something that is no model. Name another with -o, or empty it.");
}

void copy_whole(const fs::path& from, const fs::path& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in) throw RunError("'" + from.string() + "' cannot be read.");
  write_whole(to, std::string(std::istreambuf_iterator<char>(in), {}));
}

// The files of the user's own that the detector needs go along, and the card's preprocessing names them there.
void copy_detector(ModelCard& card, const Model& model, const fs::path& folder, ExportOutcome& outcome) {
  if (!card.preprocessing) return;
  const std::optional<DetectorFile> own = detector_file(*card.preprocessing, model.folder);
  if (!own) return;
  std::error_code error;
  if (!fs::exists(own->path, error)) {
    outcome.notes.push_back("The detector's '" + own->path.string() +
                            "' is not there and cannot go along. Name it when photographs are looked at: --detector " +
                            own->word + ":PATH.");
    return;
  }
  if (own->is_folder) {
    const MtcnnWeights weights = read_mtcnn_weights(own->path);
    fs::create_directories(folder / own->word);
    for (const auto& [name, blobs] :
         {std::pair("pnet", &weights.pnet), {"rnet", &weights.rnet}, {"onet", &weights.onet}}) {
      write_safetensors(folder / own->word / (std::string(name) + ".safetensors"), *blobs);
      outcome.files.push_back(own->word + "/" + name + ".safetensors");
    }
    card.preprocessing->pipeline = with_detector_file(*card.preprocessing, own->word);
  } else {
    const std::string name = own->word + own->path.extension().string();
    copy_whole(own->path, folder / name);
    outcome.files.push_back(name);
    card.preprocessing->pipeline = with_detector_file(*card.preprocessing, name);
  }
}

// "torchscript:FILE" of a network whose backbone is an exported module; nothing of others.
const std::string script_word = "torchscript:";
std::optional<fs::path> script_backbone(const ModelNetwork& network) {
  const Tree* backbone = network.design.find("backbone");
  if (!backbone || !backbone->text.starts_with(script_word)) return std::nullopt;
  return backbone->text.substr(script_word.size());
}

void copy_backbones(ModelCard& card, const fs::path& folder, ExportOutcome& outcome) {
  for (ModelNetwork& network : card.networks) {
    const std::optional<fs::path> file = script_backbone(network);
    if (!file) continue;
    const std::string name = "backbone-" + network.name + ".pt";
    copy_whole(*file, folder / name);
    network.design.find("backbone")->text = script_word + name;
    outcome.files.push_back(name);
  }
}

void write_files(const Model& model, const ModelNetworks& networks, const fs::path& folder, ExportOutcome& outcome) {
  ModelCard card = model.card;
  Blobs arrays;
  for (const ModelNetwork& network : card.networks)
    for (const auto& [name, blob] : model.weights.at(network.name)) arrays[card.array_prefix(network) + name] = blob;
  write_safetensors(folder / weights_file, arrays, {{"format", "pt"}, {"card", card_file}});
  outcome.files.push_back(weights_file);
  copy_detector(card, model, folder, outcome);
  copy_backbones(card, folder, outcome);

  std::error_code error;
  fs::remove(folder / script_file, error);
  try {
    std::vector<std::string> names;
    for (const ModelNetwork& each : card.networks) names.push_back(each.name);
    const FaceShape shape = card.preprocessing ? card.preprocessing->shape : FaceShape{112, 112};
    const torch::jit::Module script = trace_networks(networks.all(), names, example_faces(shape));
    const fs::path partial = folder / (std::string(script_file) + ".partial");
    script.save(partial.string());
    fs::rename(partial, folder / script_file);
    outcome.files.push_back(script_file);
  } catch (const std::exception& failure) {
    const std::string text = failure.what();
    outcome.without_torchscript = text.substr(0, text.find('\n'));
  }
  write_whole(folder / card_file, to_json(card, outcome.without_torchscript.empty()));
  outcome.files.push_back(card_file);
}

// With the folders in which nothing is left.
void remove_written(const fs::path& folder, const std::vector<std::string>& files) {
  std::error_code ignored;
  for (const std::string& each : files) {
    const fs::path file = each;
    fs::remove(folder / file, ignored);
    if (file.has_parent_path()) fs::remove(folder / file.parent_path(), ignored);
  }
}

// Whoever looks for a class's name or its probability finds both.
void refuse_other_classes(const ModelCard& card, const ModelNetwork& network, const fs::path& file) {
  const Tree* given = network.design.find("classes");
  if (!given) return;
  const auto classes = Codec<std::int64_t>::parse(*given, nullptr);
  if (classes != static_cast<std::int64_t>(card.class_names.size()))
    throw std::runtime_error("Cannot use '" + file.string() + "': its class_names are " +
                             std::to_string(card.class_names.size()) + ", but its network '" + network.name + "' has " +
                             std::to_string(classes) +
                             " classes. Name each class once, in the networks' order, or export the run again.");
}

}  // namespace

ExportOutcome write_model(const Model& model, const fs::path& folder) {
  refuse_other_contents(folder);
  // Weights that do not fit are told before there is a half of a model.
  const ModelNetworks networks(model, "cpu");
  std::error_code error;
  const bool was_there = fs::is_directory(folder, error);
  const bool was_empty = !was_there || fs::is_empty(folder, error);
  std::error_code failure;
  if (!was_there) fs::create_directories(folder, failure);
  if (failure)
    throw RunError("The folder '" + folder.string() + "' cannot be made: " + failure.message() +
                   ". Name another with -o.");
  ExportOutcome outcome;
  try {
    write_files(model, networks, folder, outcome);
  } catch (...) {
    // A half of a model is no model, and the next export would refuse the folder.
    if (was_empty) remove_written(folder, outcome.files);
    if (!was_there) fs::remove(folder, error);
    throw;
  }
  return outcome;
}

Model read_model(const fs::path& folder) {
  Model model;
  model.folder = folder;
  model.card = read_card(folder / card_file);
  const Blobs arrays = read_safetensors(folder / weights_file);
  for (ModelNetwork& network : model.card.networks) {
    refuse_other_classes(model.card, network, folder / card_file);
    if (const auto file = script_backbone(network))
      network.design.find("backbone")->text = script_word + (folder / *file).string();
    const std::string prefix = model.card.array_prefix(network);
    Blobs& values = model.weights[network.name];
    for (const auto& [name, blob] : arrays)
      if (name.starts_with(prefix)) values[name.substr(prefix.size())] = blob;
  }
  return model;
}

}  // namespace fergraph
