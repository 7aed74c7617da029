#include "cli/stale_caches.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cache/reader.hpp"
#include "nodes/batch/cache_selection.hpp"
#include "nodes/face/write_cache.hpp"
#include "report/provenance.hpp"

namespace fergraph {
namespace {

using Json = nlohmann::ordered_json;

void resolve_path(Tree& value) {
  if (!value.is_scalar() || value.text.find('$') != std::string::npos || value.place.file.starts_with("--set")) return;
  const std::filesystem::path beside = std::filesystem::path(value.place.file).parent_path() / value.text;
  std::error_code ignored;
  if (std::filesystem::exists(beside, ignored)) value.text = beside.lexically_normal().string();
}

void resolve_below(Tree& tree) {
  for (Tree::Member& member : tree.members) {
    Tree* file = member.key == "made_by" && member.value.is_map() ? member.value.find("file") : &member.value;
    if (member.key == "made_by" && file) resolve_path(*file);
    resolve_below(member.value);
  }
  for (Tree& item : tree.items) resolve_below(item);
}

// What a selection says about its cache.
struct Claim {
  std::string cache;
  MadeBy made_by;
  bool same(const Claim& other) const {
    return cache == other.cache && made_by.file == other.made_by.file && made_by.settings == other.made_by.settings;
  }
};

// Of a selection {cache: FILE, made_by: FILE, …}, unless it is there.
void add_claim(const Tree& selection, const Tree* params, std::vector<Claim>& claims) {
  const Tree* cache = selection.is_map() ? selection.find("cache") : nullptr;
  const Tree* made_by = cache && cache->is_scalar() ? selection.find("made_by") : nullptr;
  if (!made_by || made_by->is_nothing()) return;
  Claim claim{cache->text, Codec<MadeBy>::parse(*made_by, params)};
  if (std::none_of(claims.begin(), claims.end(), [&](const Claim& each) { return each.same(claim); }))
    claims.push_back(std::move(claim));
}

// Of `from: {cache: FILE, made_by: FILE, …}` of any node, or a list of such, each once.
void add_claims(const Tree& tree, const Tree* params, std::vector<Claim>& claims) {
  for (const Tree::Member& member : tree.members) {
    add_claims(member.value, params, claims);
    if (member.key != "from") continue;
    add_claim(member.value, params, claims);
    for (const Tree& item : member.value.items) add_claim(item, params, claims);
  }
}

const WriteCache::Params& sink_of(const StreamPlan& stream) {
  return *static_cast<const WriteCache::Params*>(stream.nodes.back().parameters.get());
}

// The stream of a preprocessing file that writes a cache: the one that names it, else the first.
const StreamPlan& writer_of(const Pipeline& pipeline, const Claim& claim) {
  const StreamPlan* found = nullptr;
  for (const StreamPlan& stream : pipeline.streams) {
    if (stream.nodes.empty() || stream.nodes.back().type->name != "write_cache") continue;
    if (!found || sink_of(stream).file == claim.cache) found = &stream;
  }
  if (!found)
    throw PipelineError(claim.made_by.place, "'" + claim.made_by.file.string() +
                                                 "' makes no face cache: none of its streams ends with write_cache. "
                                                 "Name the preprocessing file of '" +
                                                 claim.cache + "'.");
  return *found;
}

bool is_told_by_its_rows(const NodePlan& node) {
  return node.type->is_source() && (node.type->fingerprint || node.type->source_fingerprint);
}

// What differs in the nodes between source and sink, and in how faces are kept.
std::vector<std::string> node_differences(const StreamPlan& stream, const std::string& stored_json) {
  std::vector<Setting> wanted;
  for (std::size_t i = 0; i + 1 < stream.nodes.size(); ++i)
    if (!is_told_by_its_rows(stream.nodes[i])) wanted.emplace_back(stream.nodes[i].name, stream.nodes[i].written);
  const WriteCache::Params& sink = sink_of(stream);
  for (Setting& each : settings_of(FaceEncoding{sink.codec, sink.quality})) wanted.push_back(std::move(each));

  const Json all = Json::parse(stored_json, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) return {"The settings kept in the cache cannot be read."};
  // In the wanted order, which does not matter to the faces, and without what the file does not tell.
  Json stored = Json::object();
  for (const auto& [key, value] : wanted)
    if (all.contains(key)) stored[key] = all[key];
  for (const auto& [key, value] : all.items())
    if (key != rows_setting && key != "decoder" && !key.starts_with("data of ")) stored[key] = value;
  return describe_difference(stored.dump(), make_fingerprint(wanted).json);
}

bool is_default(const Tree* value, const ParameterInfo& info) {
  return !value || value->is_nothing() || value->flow() == info.default_text;
}

std::string shown(const Tree* value, const ParameterInfo& info) {
  return value && !value->is_nothing() ? value->flow() : info.default_text;
}

// What differs in the source's parameters, of which paths may: the same data set lies elsewhere on another machine.
std::vector<std::string> source_differences(const StreamPlan& stream, const Tree& wanted, const Tree& stored) {
  const NodePlan& source = stream.nodes.front();
  const auto entry = [&](const Tree& root) -> const Tree* {
    const Tree* streams = root.find("streams");
    const Tree* own = streams ? streams->find(stream.name) : nullptr;
    return own ? own->find(source.name) : nullptr;
  };
  const Tree* after = entry(wanted);
  const Tree* before = entry(stored);
  if (!is_told_by_its_rows(source) || !after || !before) return {};
  const Tree* kind = before->find("node");
  if (!kind || kind->text != source.type->name)
    return {source.name + ": " + (kind ? kind->text : "nothing") + " in the cache, " + source.type->name + " wanted."};
  std::vector<std::string> sentences;
  for (const ParameterInfo& info : source.type->parameters) {
    const Tree* was = before->find(info.name);
    const Tree* is = after->find(info.name);
    if (info.type == Codec<std::filesystem::path>::type() || (is_default(was, info) && is_default(is, info))) continue;
    if (was && is && was->same(*is)) continue;
    sentences.push_back(source.name + "." + info.name + ": " + shown(was, info) + " in the cache, " + shown(is, info) +
                        " wanted.");
  }
  return sentences;
}

// "size=64 (112 in the file)": what was set on the command line when the cache was made, or has changed in the file.
std::vector<std::string> other_parameters(const Tree& wanted, const Tree& stored) {
  const Tree* before = stored.find("params");
  const Tree* after = wanted.find("params");
  std::vector<std::string> found;
  if (!before || !after) return found;
  for (const Difference& each : differences(*before, *after))
    if (!each.first.empty())
      found.push_back(each.where + "=" + each.first + " (" + (each.second.empty() ? "not" : each.second) +
                      " in the file)");
  return found;
}

// The parameter of the file that names the cache, where one does.
std::string parameter_of_cache(const Document& document, const StreamPlan& stream) {
  const Tree* streams = document.root.find("streams");
  const Tree* own = streams ? streams->find(stream.name) : nullptr;
  const Tree* sink = own ? own->find(stream.nodes.back().name) : nullptr;
  const Tree* file = sink ? sink->find("file") : nullptr;
  return file && file->is_scalar() && file->text.starts_with("$") ? file->text.substr(1) : std::string();
}

std::string command_for(const Claim& claim, const Document& document, const StreamPlan& stream) {
  std::string command = "fergraph run " + claim.made_by.file.string();
  for (const std::string& each : claim.made_by.settings) command += " --set " + each;
  const std::string parameter = parameter_of_cache(document, stream);
  if (!parameter.empty() && sink_of(stream).file != claim.cache) command += " --set " + parameter + "=" + claim.cache;
  return command;
}

std::string join(const std::vector<std::string>& texts, const std::string& between) {
  std::string all;
  for (const std::string& each : texts) all += (all.empty() ? "" : between) + each;
  return all;
}

void check_claim(const Claim& claim, const Registry& registry) {
  const std::string file = claim.made_by.file.string();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(claim.made_by.file, ignored))
    throw PipelineError(claim.made_by.place,
                        "There is no preprocessing file '" + file + "', which the cache '" + claim.cache +
                            "' is to be made by. Paths of 'made_by' begin at the folder of the "
                            "file that names them, or at the working directory; correct the path.");
  const Document document = load_document({claim.made_by.file, {}, claim.made_by.settings});
  const Pipeline wanted = check_pipeline(document, registry);
  const StreamPlan& stream = writer_of(wanted, claim);
  const std::string command = command_for(claim, document, stream);
  if (!std::filesystem::exists(claim.cache, ignored))
    throw PipelineError(claim.made_by.place, "The cache '" + claim.cache + "' does not exist. Make it: " + command);
  Provenance provenance;
  try {
    provenance = FaceCache(claim.cache).files().front()->provenance();
  } catch (const CacheError& error) {
    throw PipelineError(claim.made_by.place, error.what());
  }
  std::vector<std::string> changes = node_differences(stream, provenance.fingerprint.json);
  std::vector<Problem> problems;
  Document stored;
  try {
    stored.root = parse_yaml(provenance.pipeline, claim.cache, problems);
  } catch (const PipelineError&) {
    // The fingerprint has told what it can.
  }
  for (std::string& each : source_differences(stream, wanted.root, insert_parameters(stored.root, problems)))
    changes.push_back(std::move(each));
  if (changes.empty()) return;
  std::string message = "The cache '" + claim.cache + "' is stale: '" + file + "' would make it otherwise.\n  " +
                        join(changes, "\n  ") + "\n";
  if (const auto others = other_parameters(document.root, stored.root); !others.empty())
    message += "It was made with " + join(others, ", ") + ".\n";
  throw PipelineError(claim.made_by.place, message + "Make it again: " + command +
                                               "\nOr say with which parameters it is meant: made_by: " + "{file: " +
                                               file + ", set: {NAME: VALUE}}");
}

}  // namespace

void resolve_made_by(Document& document) { resolve_below(document.root); }

void refuse_stale_caches(const Pipeline& pipeline, const Registry& registry) {
  std::vector<Claim> claims;
  for (const char* section : {"streams", "epoch_start", "step", "epoch_end"})
    if (const Tree* found = pipeline.root.find(section)) add_claims(*found, pipeline.params(), claims);
  std::vector<Problem> problems;
  for (const Claim& claim : claims) {
    try {
      check_claim(claim, registry);
    } catch (const PipelineError& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw PipelineError(std::move(problems));
}

void refuse_changed_caches(const std::filesystem::path& provenance, const Pipeline& pipeline) {
  const std::vector<CacheChange> changes = cache_changes(provenance, pipeline);
  if (changes.empty()) return;
  std::string message =
      "The run that '" + provenance.string() + "' tells of had other faces, so it cannot be repeated or go on:\n";
  for (const CacheChange& each : changes) {
    message += "The cache '" + each.cache + "' was " + each.was + " and is " + each.is + ".\n";
    for (const std::string& sentence : each.sentences) message += "  " + sentence + "\n";
  }
  throw RunError(message +
                 "Make the cache as it was, give another with --set, or copy pipeline.yaml to another folder "
                 "and run it there as a run of its own.");
}

}  // namespace fergraph
