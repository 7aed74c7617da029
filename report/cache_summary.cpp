#include "report/cache_summary.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "graph/problem.hpp"
#include "report/run_directory.hpp"
#include "report/text_table.hpp"

namespace fergraph {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string line(const std::string& name, const std::string& text) {
  return name + std::string(std::max<std::size_t>(name.size() + 1, 12) - name.size(), ' ') + text + "\n";
}

// The name that the pipeline's text gives, whose keys at the left margin are those of the file.
std::string pipeline_name(const std::string& text) {
  const std::string key = "\npipeline: ";
  const std::size_t begin = ("\n" + text).find(key);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + key.size() - 1;
  return text.substr(from, text.find('\n', from) - from);
}

std::string codec_text(const CacheSurvey& cache) {
  const std::int64_t faces = cache.faces();
  const FaceCacheFile& first = *cache.files.front();
  std::string text = first.encoding().text();
  if (faces == 0) return text;
  const double bytes = static_cast<double>(cache.stored_bytes());
  text += ", " + readable_bytes(bytes / static_cast<double>(faces)) + " a face, " + readable_bytes(bytes) + " in all";
  if (first.encoding().codec != FaceCodec::raw)
    text += " (raw: " + readable_bytes(static_cast<double>(faces) * static_cast<double>(first.shape().bytes())) + ")";
  return text;
}

std::string shards_text(const CacheSurvey& cache) {
  const auto there = static_cast<std::int64_t>(cache.files.size() + cache.unreadable.size());
  std::string text = line("shards", there == cache.shards
                                        ? "all " + std::to_string(there) + " are there"
                                        : std::to_string(there) + " of " + std::to_string(cache.shards) + " are there");
  constexpr std::size_t most = 20;
  for (std::size_t i = 0; i < std::min(most, cache.missing.size()); ++i)
    text += line("", "missing: " + cache.missing[i].filename().string());
  if (cache.missing.size() > most) text += line("", "and " + std::to_string(cache.missing.size() - most) + " more");
  for (const auto& each : cache.unreadable) text += line("", "unreadable: " + each.reason);
  for (const auto& each : cache.unlike)
    text += line("", "other settings: " + each.file.filename().string() + " " + each.reason);
  return text;
}

// Of a shard, without the rows, which are those of the shard alone.
std::string provenance_text(const Provenance& provenance, bool is_shard) {
  std::string text;
  if (const std::string name = pipeline_name(provenance.pipeline); !name.empty()) text += line("pipeline", name);
  const Json settings = Json::parse(provenance.fingerprint.json, nullptr, /*allow_exceptions=*/false);
  if (settings.is_object()) {
    bool first = true;
    for (const auto& [key, value] : settings.items()) {
      if (is_shard && key == rows_setting) continue;
      text += line(first ? "made with" : "", key + ": " + shown(value));
      first = false;
    }
  }
  if (!is_shard && !provenance.files.empty()) text += line("files", provenance.files);
  return text;
}

// A row per class and a column per split.
std::string counts_text(const CacheSurvey& cache) {
  std::map<std::string, std::map<std::int64_t, std::int64_t>> counts;
  std::map<std::int64_t, std::int64_t> totals;
  std::map<std::string, std::int64_t> voids;
  for (const auto& file : cache.files) {
    for (std::int64_t i = 0; i < file->size(); ++i) {
      ++counts[std::string(file->split(i))][file->label(i)];
      ++totals[file->label(i)];
    }
    for (const MissingFace& each : file->voids()) {
      ++voids[each.split];
      counts[each.split];
    }
  }
  const Provenance& provenance = cache.files.front()->provenance();
  for (std::size_t label = 0; label < provenance.class_names.size(); ++label) totals[static_cast<std::int64_t>(label)];

  TextTable table;
  const auto row = [&](const std::string& name, const auto& count_of, std::int64_t total) {
    std::vector<std::string> cells = {name};
    for (const auto& [split, classes] : counts) cells.push_back(std::to_string(count_of(split)));
    if (counts.size() > 1) cells.push_back(std::to_string(total));
    table.row(std::move(cells));
  };
  std::vector<std::string> header = {""};
  for (const auto& [split, classes] : counts) header.push_back(split.empty() ? "all" : split);
  if (counts.size() > 1) header.emplace_back("all");
  table.row(std::move(header));
  const auto of_label = [&](std::int64_t label, std::int64_t total) {
    row(
        class_name(provenance, label),
        [&](const std::string& split) {
          const auto found = counts[split].find(label);
          return found == counts[split].end() ? 0 : found->second;
        },
        total);
  };
  for (const auto& [label, total] : totals)
    if (label >= 0) of_label(label, total);
  if (const auto unknown = totals.find(unknown_label); unknown != totals.end())
    of_label(unknown_label, unknown->second);
  const auto sum_of = [&](const std::string& split) {
    std::int64_t sum = 0;
    for (const auto& [label, count] : counts[split]) sum += count;
    return sum;
  };
  row("faces", sum_of, cache.faces());
  row(
      "voids", [&](const std::string& split) { return voids[split]; }, cache.voids());
  return table.text();
}

std::string voids_text(const CacheSurvey& cache) {
  std::map<std::string, std::int64_t> reasons;
  for (const auto& file : cache.files)
    for (const MissingFace& each : file->voids()) ++reasons[each.reason];
  std::vector<std::pair<std::string, std::int64_t>> sorted(reasons.begin(), reasons.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr std::size_t most = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, sorted.size()); ++i) {
    const std::string count = std::to_string(sorted[i].second);
    text += line(i ? "" : "voids",
                 std::string(count.size() < 6 ? 6 - count.size() : 0, ' ') + count + "  " + sorted[i].first);
  }
  if (sorted.size() > most) text += line("", "and " + std::to_string(sorted.size() - most) + " other reasons");
  return text;
}

}  // namespace

std::string class_name(const Provenance& provenance, std::int64_t label) {
  const auto& names = provenance.class_names;
  return label >= 0 && label < static_cast<std::int64_t>(names.size()) ? names[static_cast<std::size_t>(label)]
                                                                       : "unknown";
}

std::string text_of(const CacheSurvey& cache) {
  if (cache.files.empty()) return "No shard of '" + cache.path.string() + "' can be read.\n" + shards_text(cache);
  // A shard in which no face was found has no size of its own.
  const auto with_faces =
      std::find_if(cache.files.begin(), cache.files.end(), [](const auto& f) { return f->size() > 0; });
  const FaceShape shape = (with_faces == cache.files.end() ? cache.files.front() : *with_faces)->shape();
  std::string text = std::to_string(cache.faces()) + " faces of " + std::to_string(shape.width) + "x" +
                     std::to_string(shape.height) + ", " + std::to_string(cache.voids()) + " voids";
  if (cache.is_folder)
    text += ", in " + std::to_string(cache.files.size()) + (cache.files.size() == 1 ? " shard" : " shards");
  text += "\n";
  if (!cache.is_folder) text += line("fingerprint", cache.files.front()->provenance().fingerprint.hash);
  text += line("codec", codec_text(cache));
  if (cache.is_folder) text += shards_text(cache);
  text += provenance_text(cache.files.front()->provenance(), cache.is_folder);
  text += voids_text(cache);
  return text + counts_text(cache);
}

}  // namespace fergraph
