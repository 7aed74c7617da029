#include "report/model/model_card.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace fergraph {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* format_name = "fergraph model";

Json json_of(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::nothing:
      return nullptr;
    case Tree::Kind::scalar: {
      if (tree.quoted) return tree.text;
      const Json value = Json::parse(tree.text, nullptr, /*allow_exceptions=*/false);
      return value.is_number() || value.is_boolean() ? value : Json(tree.text);
    }
    case Tree::Kind::list: {
      Json list = Json::array();
      for (const Tree& item : tree.items) list.push_back(json_of(item));
      return list;
    }
    case Tree::Kind::map: {
      Json map = Json::object();
      for (const Tree::Member& member : tree.members) map[member.key] = json_of(member.value);
      return map;
    }
  }
  return nullptr;
}

// JSON is YAML.
Tree tree_of(const Json& json, const std::string& file) { return parse_yaml(json.dump(), file); }

Json json_of(const FacePreprocessing& faces) {
  Json json = {{"pipeline", faces.pipeline},
               {"cache", faces.cache},
               {"fingerprint", faces.fingerprint.hash},
               {"fingerprint_of", Json::parse(faces.fingerprint.json, nullptr, false)},
               {"width", faces.shape.width},
               {"height", faces.shape.height},
               {"codec", faces.encoding.codec == FaceCodec::raw ? "raw" : "jpeg"}};
  if (faces.encoding.codec != FaceCodec::raw) json["quality"] = faces.encoding.quality;
  return json;
}

FacePreprocessing preprocessing_of(const Json& json) {
  FacePreprocessing faces;
  faces.pipeline = json.at("pipeline");
  faces.cache = json.at("cache");
  faces.fingerprint = {json.at("fingerprint"), json.at("fingerprint_of").dump()};
  faces.shape = {json.at("height"), json.at("width")};
  if (json.at("codec") == "jpeg") faces.encoding = {FaceCodec::jpeg, json.at("quality")};
  return faces;
}

Json input_of(const ModelCard& card) {
  Json input = {{"layout", "uint8 [N, H, W, 3]"}, {"channels", "RGB"}};
  if (card.preprocessing) {
    input["height"] = card.preprocessing->shape.height;
    input["width"] = card.preprocessing->shape.width;
  }
  input["normalisation"] = "done by the model: (x / 255 - mean) / std in each network's order of channels";
  return input;
}

}  // namespace

std::string to_json(const FacePreprocessing& preprocessing) {
  return json_of(preprocessing).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

FacePreprocessing preprocessing_of_json(const std::string& text) {
  try {
    return preprocessing_of(Json::parse(text));
  } catch (const Json::exception& error) {
    throw std::runtime_error(std::string("It does not tell how faces are made: ") + error.what() + ".");
  }
}

std::string to_json(const ModelCard& card, bool has_torchscript) {
  Json networks = Json::array();
  for (const ModelNetwork& network : card.networks) {
    Json one = {{"name", network.name}, {"arrays", card.array_prefix(network) + "*"}};
    one.update(json_of(network.design));
    networks.push_back(std::move(one));
  }
  Json accuracy = nullptr;
  if (card.accuracy) {
    accuracy = {{"best", card.accuracy->best},
                {"last", card.accuracy->last},
                {"mean_of_last_five", card.accuracy->mean_of_last_five}};
    if (card.accuracy->at_checkpoint) accuracy["of_this_checkpoint"] = *card.accuracy->at_checkpoint;
  }
  Json json = {{"format", format_name},
               {"format_version", model_format_version},
               {"pipeline", card.pipeline},
               {"classes", card.class_names.size()},
               {"class_names", card.class_names},
               {"networks", std::move(networks)},
               {"averaged", card.networks.size() > 1 ? "probabilities" : "one network"},
               {"weights", "model.safetensors"},
               {"input", input_of(card)},
               {"accuracy", std::move(accuracy)},
               {"checkpoint", {{"name", card.checkpoint}, {"epoch", card.epoch}, {"iteration", card.iteration}}},
               {"seed", card.seed},
               {"preprocessing", card.preprocessing ? json_of(*card.preprocessing) : Json(nullptr)},
               {"training", Json::parse(card.provenance, nullptr, false)}};
  if (has_torchscript)
    json["torchscript"] = {
        {"file", "model.pt"},
        {"input", "uint8 [N, H, W, 3], RGB, as the input above"},
        {"output", card.networks.size() == 1 ? "float [N, C], logits: their softmax are the probabilities"
                                             : "float [N, C], logarithms of the averaged probabilities"}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

ModelCard read_card(const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& why) {
    throw std::runtime_error("Cannot use '" + file.string() + "': " + why);
  };
  std::ifstream in(file);
  if (!in) refuse("it cannot be opened. Name a run's folder, or a model's that fergraph export has written.");
  ModelCard card;
  try {
    const Json json = Json::parse(in);
    if (!json.is_object() || json.value("format", "") != format_name)
      refuse("it is no card of a model. Name a folder that fergraph export has written.");
    if (const int version = json.at("format_version"); version != model_format_version)
      refuse("it is of format " + std::to_string(version) + ", and this program reads format " +
             std::to_string(model_format_version) + ". Export the run again with this fergraph.");
    card.pipeline = json.at("pipeline");
    card.class_names = json.at("class_names");
    for (Json one : json.at("networks")) {
      ModelNetwork network{one.at("name"), {}};
      one.erase("name");
      one.erase("arrays");
      network.design = tree_of(one, file.string());
      card.networks.push_back(std::move(network));
    }
    if (card.networks.empty()) refuse("it names no network.");
    if (!json.at("preprocessing").is_null()) card.preprocessing = preprocessing_of(json.at("preprocessing"));
    card.seed = json.at("seed");
    const Json& checkpoint = json.at("checkpoint");
    card.checkpoint = checkpoint.at("name");
    card.epoch = checkpoint.at("epoch");
    card.iteration = checkpoint.at("iteration");
    if (const Json& accuracy = json.at("accuracy"); !accuracy.is_null()) {
      card.accuracy = {accuracy.at("best"), accuracy.at("last"), accuracy.at("mean_of_last_five"), {}};
      if (accuracy.contains("of_this_checkpoint")) card.accuracy->at_checkpoint = accuracy["of_this_checkpoint"];
    }
    card.provenance = json.at("training").dump();
  } catch (const Json::exception& error) {
    refuse(std::string(error.what()) + ". Export the run again.");
  }
  return card;
}

}  // namespace fergraph
