// `fergraph data`: what is in the data that a file names.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cache/checksum.hpp"
#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "graph/feed.hpp"
#include "graph/pipeline.hpp"
#include "nodes/face/photograph_tables.hpp"
#include "report/data_report.hpp"
#include "report/progress.hpp"
#include "report/selections.hpp"

namespace fergraph {
namespace {

struct DataCommand {
  LoadOptions load;
  bool json = false;
  bool quiet = false;
};

// A selection of faces, where a file names it.
struct NamedSelection {
  std::string name;
  Place place;
  CacheSelection selection;
};

// Of a data file, which has no streams of its own: the parameters that select faces. What is wrong with its sections is
// no matter here, nor can it be told without the method that they belong to (an `after` names one of its nodes).
std::vector<NamedSelection> selections_in(const Document& document) {
  std::vector<Problem> problems;
  const Tree inserted = insert_parameters(document.root, problems);
  std::vector<NamedSelection> found;
  if (const Tree* params = inserted.find("params"); params && params->is_map()) {
    for (const Tree::Member& member : params->members) {
      if (!member.value.is_map() || !member.value.find("cache")) continue;
      try {
        found.push_back({member.key, member.value.place, Codec<CacheSelection>::parse(member.value, params)});
      } catch (const PipelineError& error) {
        problems.insert(problems.end(), error.problems().begin(), error.problems().end());
      }
    }
  }
  if (!problems.empty()) throw PipelineError(std::move(problems));
  return found;
}

class Looking {
 public:
  Looking(const DataCommand& command, std::stop_token stop)
      : command_(command), stop_(std::move(stop)), progress_(command.quiet || command.json) {}

  void photographs(const StreamPlan& stream, const SampleTable& table) {
    DataReport report = look(table, checksums_of(table), "files");
    report.name = stream.name;
    report.source = stream.nodes.front().type->name;
    tell(report);
  }

  // Selections of one cache, which is looked at once.
  void faces(const std::vector<NamedSelection>& selections) {
    try {
      const FaceCache cache(selections.front().selection.cache);
      const std::vector<std::string>& names = cache.provenance().class_names;
      std::vector<SelectionReport> reports;
      for (const NamedSelection& each : selections)
        reports.push_back(look_at_selection(each.name, cache, each.selection));
      DataReport report = look(
          table_of(cache), [&](const Sample& sample) { return checksum_of(cache.stored(sample.row)); }, "faces");
      report.name = cache.path().string();
      report.source = "face_cache";
      for (const MissingFace& each : cache.voids()) {
        const auto split = std::find_if(report.splits.begin(), report.splits.end(),
                                        [&](const SplitReport& of) { return of.counts.split == each.split; });
        if (split != report.splits.end()) ++split->problems;
      }
      tell(report);
      if (!command_.json) {
        std::printf("%s", text_of(reports, names).c_str());
        return;
      }
      for (const SelectionReport& each : reports) json_.back()["selections"].push_back(json_of(each, names));
    } catch (const std::runtime_error& error) {
      throw PipelineError(selections.front().place,
                          "'" + selections.front().name + "' cannot be looked at: " + error.what());
    }
  }

  void finish() const {
    if (command_.json) std::printf("%s\n", json_.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  }

 private:
  DataReport look(const SampleTable& table, const PictureChecksum& checksum, const char* what) {
    return look_at_table(table, checksum, stop_, [&](std::int64_t done, std::int64_t total) {
      if (progress_.due()) progress_.update("data", done, total, what, "");
    });
  }
  void tell(const DataReport& report) {
    if (command_.json)
      json_.push_back(json_of(report));
    else
      std::printf("%s", text_of(report).c_str());
  }

  const DataCommand& command_;
  std::stop_token stop_;
  Progress progress_;
  nlohmann::ordered_json json_ = nlohmann::ordered_json::array();
};

int look_at_data(const DataCommand& command, const Registry& registry, std::stop_token stop) {
  const Document document = load_document(command.load);
  // The table tells the counts that a source would log.
  spdlog::set_level(spdlog::level::warn);
  Looking looking(command, std::move(stop));
  std::vector<NamedSelection> selections;
  bool looked = false;
  if (document.root.find("streams")) {
    const Pipeline pipeline = check_pipeline(document, registry);
    for (const StreamPlan& stream : pipeline.streams) {
      const NodePlan& source = stream.nodes.front();
      const std::vector<CacheSelection> chosen = selections_of(source);
      if (!chosen.empty()) {
        for (const CacheSelection& each : chosen) selections.push_back({stream.name, source.place, each});
      } else if (const auto table = read_photographs(source)) {
        looking.photographs(stream, *table);
        looked = true;
      }
    }
  } else {
    selections = selections_in(document);
  }
  if (!looked && selections.empty())
    throw PipelineError(
        {command.load.file.string()},
        "The file names no data: neither a stream that begins with photographs or faces, nor a parameter "
        "such as {cache: faces.h5, split: train}.");
  while (!selections.empty()) {
    std::vector<NamedSelection> of_cache, others;
    for (const NamedSelection& each : selections)
      (each.selection.cache == selections.front().selection.cache ? of_cache : others).push_back(each);
    looking.faces(of_cache);
    selections = std::move(others);
  }
  looking.finish();
  return 0;
}

}  // namespace

void add_data_command(CLI::App& app, Actions& actions) {
  auto data = std::make_shared<DataCommand>();
  CLI::App* command = app.add_subcommand(
      "data",
      "Look at the data that a file names: counts, boxes, landmarks, missing and equal files, splits that share");
  add_load_options(*command, data->load);
  command->add_flag("--json", data->json, "Print JSON, with all that was found");
  add_quiet_option(*command, data->quiet);
  add_manual(
      *command,
      {.about =
           "Looks before anything is made. Of a preprocessing file: the samples of its source, by split and class, "
           "beside the published counts; boxes and landmarks; files that are missing or have equal bytes; "
           "pictures that stand in train and in test. Of a data file: the selections of faces that methods get.",
       .writes = "To standard output alone.",
       .codes = {{130, "interrupted"}},
       .examples = {"fergraph data pipelines/faces/raf-db.yaml --set root=RAF-DB",
                    "fergraph data pipelines/data/csv.yaml --set cache=faces.h5 --json"}});
  actions.on(command, [data](Surroundings& around) { return look_at_data(*data, around.registry(), around.stop()); });
}

}  // namespace fergraph
