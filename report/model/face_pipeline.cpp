#include "report/model/face_pipeline.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "graph/document.hpp"
#include "nodes/face/decode.hpp"

namespace fergraph {
namespace {

struct DetectorKind {
  const char* word;
  const char* node;
  const char* file;  // the parameter that names what the user brings; null: nothing
};
constexpr DetectorKind detectors[] = {
    {"haar", "detect_haar", nullptr}, {"mtcnn", "detect_mtcnn", "weights"}, {"yunet", "detect_yunet", "model"}};

const DetectorKind* kind_of_node(const std::string& node) {
  for (const DetectorKind& each : detectors)
    if (node == each.node) return &each;
  return nullptr;
}

Tree map_of(std::vector<std::pair<std::string, Tree>> entries) {
  Tree map;
  map.kind = Tree::Kind::map;
  for (auto& [key, value] : entries) map.members.push_back({key, {}, std::move(value)});
  return map;
}
Tree map_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::vector<std::pair<std::string, Tree>> trees;
  for (const auto& [key, value] : entries) trees.emplace_back(key, Tree::scalar(value));
  return map_of(std::move(trees));
}

std::string word_of(const Tree& entry, const std::string& key) {
  const Tree* found = entry.find(key);
  return found && found->is_scalar() ? found->text : std::string();
}

void set(Tree& entry, const std::string& key, Tree value) {
  entry.erase(key);
  entry.members.push_back({key, {}, std::move(value)});
}

// "found" of "found.box".
std::string node_of(const std::string& reference) { return reference.substr(0, reference.find('.')); }

// The stream of a preprocessing that wrote a cache: nodes by name, in order, the source first.
class FaceStream {
 public:
  explicit FaceStream(const FacePreprocessing& training) {
    std::vector<Problem> problems;
    const Tree root =
        insert_parameters(parse_yaml(training.pipeline, "the preprocessing of " + training.cache), problems);
    const Tree* streams = root.find("streams");
    if (streams)
      for (const Tree::Member& stream : streams->members)
        if (stream.value.is_map() && !stream.value.members.empty() &&
            word_of(stream.value.members.back().value, "node") == "write_cache") {
          const bool is_this = word_of(stream.value.members.back().value, "file") == training.cache;
          if (nodes.members.empty() || is_this) nodes = stream.value;
          if (is_this) break;
        }
    if (nodes.members.size() < 2)
      throw RunError("What made the cache '" + training.cache +
                     "' is not told by it, so photographs cannot be treated alike. Make the cache again, or give faces "
                     "that are cut out with --aligned.");
    face = word_of(nodes.members.back().value, "image");
    nodes.members.pop_back();
  }

  Tree* find(const std::string& node) { return nodes.find(node); }
  std::string first_of(const std::string& type) const {
    for (const Tree::Member& each : nodes.members)
      if (word_of(each.value, "node") == type) return each.key;
    return {};
  }
  void insert_behind(const std::string& node, const std::string& name, Tree entry) {
    const auto at = std::find_if(nodes.members.begin(), nodes.members.end(),
                                 [&](const Tree::Member& each) { return each.key == node; });
    nodes.members.insert(at + 1, {name, {}, std::move(entry)});
  }
  // A name that no node has.
  std::string free_name(std::string name) const {
    while (nodes.find(name)) name += "_";
    return name;
  }

  Tree nodes;
  std::string face;  // the reference to what went into the cache
};

// The nodes that a node's inputs come from, and theirs.
void add_needed(const FaceStream& stream, const std::string& node, std::set<std::string>& needed) {
  const Tree* entry = stream.nodes.find(node);
  if (!entry || !needed.insert(node).second) return;
  const std::function<void(const Tree&)> look = [&](const Tree& value) {
    if (value.is_scalar() && value.text.find('.') != std::string::npos) add_needed(stream, node_of(value.text), needed);
    for (const Tree& item : value.items) look(item);
    for (const Tree::Member& member : value.members) look(member.value);
  };
  look(*entry);
}

std::pair<std::string, std::string> parts_of_detector(const std::string& text) {
  const std::size_t colon = text.find(':');
  return {text.substr(0, colon), colon == std::string::npos ? std::string() : text.substr(colon + 1)};
}

// {node: detect_mtcnn, image: pixels.image, weights: DIR}.
Tree detector_entry(const std::string& given, const std::string& image) {
  const auto [word, file] = parts_of_detector(given);
  for (const DetectorKind& kind : detectors) {
    if (word != kind.word) continue;
    if (!kind.file && !file.empty()) break;
    if (kind.file && file.empty())
      throw RunError("The detector '" + word + "' needs " +
                     (word == "mtcnn" ? "the folder of its weights (pnet, rnet and onet): --detector mtcnn:FOLDER."
                                      : "the ONNX file of its model: --detector yunet:FILE."));
    Tree entry = map_of({{"node", kind.node}, {"image", image}});
    if (kind.file) set(entry, kind.file, Tree::scalar(file));
    return entry;
  }
  throw RunError("There is no detector '" + given + "'. Say haar, mtcnn:FOLDER or yunet:FILE.");
}

std::string written(const FaceStream& stream, const std::set<std::string>& needed, const std::string& faces,
                    int batch) {
  std::string text = "version: 1\npipeline: predict\nstreams:\n  photographs:\n";
  for (const Tree::Member& each : stream.nodes.members)
    if (needed.contains(each.key)) text += "    " + each.key + ": " + each.value.flow() + "\n";
  return text + "    " + stream.free_name("batch") + ": {node: batch, size: " + std::to_string(batch) +
         ", order: sequential, last: keep, items: {faces: " + faces + "}}\n";
}

// The parameters of a node that decodes which let photographs of so many pixels through.
std::vector<std::pair<std::string, std::string>> limits_of(std::int64_t max_pixels) {
  if (max_pixels <= 0) return {};
  // No file has to be larger than its pixels at 16 bits each of four channels.
  const std::uintmax_t bytes = std::max(DecodeLimits{}.max_bytes, 8 * static_cast<std::uintmax_t>(max_pixels));
  return {{"max_pixels", std::to_string(max_pixels)}, {"max_bytes", std::to_string(bytes)}};
}

// Decoded pictures as they are, at the size of the training's faces.
FacePipeline of_cut_faces(int size, int batch, std::int64_t max_pixels) {
  std::string limits;
  for (const auto& [key, value] : limits_of(max_pixels)) limits.append(", ").append(key).append(": ").append(value);
  FacePipeline made;
  made.decoder = "pixels";
  made.text =
      "version: 1\npipeline: predict\nstreams:\n  photographs:\n    photo: {node: photograph_list}\n"
      "    pixels: {node: decode, photo: photo.photo" +
      limits +
      "}\n"
      "    whole: {node: whole_picture, image: pixels.image}\n"
      "    face: {node: align_box, image: pixels.image, box: whole.box, size: " +
      std::to_string(size) +
      ", margin: 0, shift_down: 0}\n"
      "    batch: {node: batch, size: " +
      std::to_string(batch) + ", order: sequential, last: keep, items: {faces: face.image}}\n";
  return made;
}

}  // namespace

FacePipeline face_pipeline(const std::optional<FacePreprocessing>& training, const FaceFinding& finding,
                           const std::filesystem::path& folder, int batch) {
  if (!training) {
    if (finding.aligned) return of_cut_faces(112, batch, finding.max_pixels);
    throw RunError(
        "How the training's faces were made is not known: the run kept no account of it, and its cache is not "
        "there. Make the cache again, or give faces that are cut out with --aligned.");
  }
  if (finding.aligned) return of_cut_faces(training->shape.width, batch, finding.max_pixels);

  FaceStream stream(*training);
  const std::string source = stream.nodes.members.front().key;
  stream.nodes.members.front().value = map_of({{"node", "photograph_list"}});
  const std::string decoder = stream.first_of("decode");
  const std::string cut = node_of(stream.face);
  Tree* face = stream.find(cut);
  if (decoder.empty() || !face)
    throw RunError("The cache '" + training->cache +
                   "' was made without decoding photographs, so none can be treated alike. Give faces that are cut out "
                   "with --aligned.");
  for (const auto& [key, value] : limits_of(finding.max_pixels)) set(*stream.find(decoder), key, Tree::scalar(value));
  const std::string image = decoder + ".image";
  const std::string type = word_of(*face, "node");
  std::string by = word_of(*face, "faces");
  if (by.empty()) by = word_of(*face, "landmarks");
  if (by.empty()) by = word_of(*face, "box");
  const Tree* finder = stream.find(node_of(by));
  const std::string finder_type = finder ? word_of(*finder, "node") : std::string();

  FacePipeline made;
  made.decoder = decoder;
  // Data sets of faces: pictures are taken as such here too.
  if (finding.detector.empty() && (cut == decoder || finder_type == "whole_picture")) {
    if (cut == decoder) return of_cut_faces(training->shape.width, batch, finding.max_pixels);
    made.notes.push_back(
        "This model was trained on pictures that are faces already, so these are taken as such. To look for faces in "
        "photographs, name a "
        "detector: --detector haar.");
    std::set<std::string> needed;
    add_needed(stream, cut, needed);
    made.text = written(stream, needed, stream.face, batch);
    return made;
  }
  const bool by_landmarks = type == "align_landmarks" || type == "align_all_landmarks";
  if (!by_landmarks && type != "align_box" && type != "align_all_boxes")
    throw RunError("The faces of the cache '" + training->cache + "' were cut out by the node '" + type +
                   "', which predict does not know how to use on other photographs. Give faces that are cut out with "
                   "--aligned.");

  std::string gives_faces;  // the node
  const DetectorKind* trained_by = kind_of_node(finder_type);
  const auto [word, file] = parts_of_detector(finding.detector);
  if (trained_by && (finding.detector.empty() || word == trained_by->word)) {
    made.detector = node_of(by);
    gives_faces = made.detector;
    made.is_training_detector = true;
    Tree& entry = *stream.find(made.detector);
    for (const char* known : {"known_box", "known_landmarks"}) entry.erase(known);
    if (trained_by->file) {
      if (!file.empty()) {
        set(entry, trained_by->file, Tree::scalar(file));
      } else if (std::filesystem::path own = word_of(entry, trained_by->file); own.is_relative() && !folder.empty()) {
        set(entry, trained_by->file, Tree::scalar((folder / own).string()));
      }
    }
  } else {
    const bool is_haar = finding.detector.empty() || word == "haar";
    made.detector = stream.free_name("found");
    stream.insert_behind(decoder, made.detector,
                         detector_entry(finding.detector.empty() ? "haar" : finding.detector, image));
    gives_faces = made.detector;
    face = stream.find(cut);
    if (finding.detector.empty())
      made.notes.push_back(
          std::string("The training's faces were cut out by ") + (by_landmarks ? "landmarks" : "boxes") +
          " that the data set gives. Here a Haar cascade looks for them, so they lie a little otherwise." +
          (by_landmarks ? " A detector of landmarks is better: --detector mtcnn:FOLDER or yunet:FILE."
                        : " Another is named by --detector mtcnn:FOLDER or yunet:FILE."));
    if (!by_landmarks && is_haar)  // the data set's boxes had margins of their own
      for (const char* own : {"margin", "shift_down"}) face->erase(own);
    if (by_landmarks && is_haar) {
      const std::string points = stream.free_name("points");
      stream.insert_behind(made.detector, points,
                           map_of({{"node", "landmarks_of_boxes"}, {"faces", made.detector + ".faces"}}));
      gives_faces = points;
    }
  }
  std::string faces = gives_faces + ".faces";
  stream.find(decoder)->erase("region");
  if (finding.faces != WantedFaces::all) {
    const std::string chosen = stream.free_name("chosen");
    const char* const words[] = {"all", "largest", "central", "best"};
    stream.insert_behind(gives_faces, chosen,
                         map_of({{"node", "choose_face"},
                                 {"image", image},
                                 {"faces", faces},
                                 {"choose", words[static_cast<int>(finding.faces)]}}));
    faces = chosen + ".faces";
  }
  face = stream.find(cut);
  for (const char* key : {"box", "landmarks", "faces", "node"}) face->erase(key);
  set(*face, "node", Tree::scalar(by_landmarks ? "align_all_landmarks" : "align_all_boxes"));
  set(*face, "faces", Tree::scalar(faces));
  std::set<std::string> needed = {source};
  add_needed(stream, cut, needed);
  // A cache's nodes may stand in any order that has what they need above them; the cut comes last here.
  made.text = written(stream, needed, cut + ".images", batch);
  return made;
}

std::optional<DetectorFile> detector_file(const FacePreprocessing& training, const std::filesystem::path& folder) {
  const FaceStream stream(training);
  for (const Tree::Member& each : stream.nodes.members) {
    const DetectorKind* kind = kind_of_node(word_of(each.value, "node"));
    if (!kind || !kind->file) continue;
    std::filesystem::path path = word_of(each.value, kind->file);
    if (path.is_relative() && !folder.empty()) path = folder / path;
    return DetectorFile{kind->word, path, std::string(kind->word) == "mtcnn"};
  }
  return std::nullopt;
}

std::string with_detector_file(const FacePreprocessing& training, const std::string& path) {
  std::vector<Problem> problems;
  Tree root = insert_parameters(parse_yaml(training.pipeline, training.cache), problems);
  if (Tree* streams = root.find("streams"))
    for (Tree::Member& stream : streams->members)
      for (Tree::Member& node : stream.value.members)
        if (const DetectorKind* kind = kind_of_node(word_of(node.value, "node")); kind && kind->file)
          set(node.value, kind->file, Tree::scalar(path));
  return to_yaml(root);
}

}  // namespace fergraph
