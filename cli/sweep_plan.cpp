#include "cli/sweep_plan.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "cache/fingerprint.hpp"
#include "cli/load_pipeline.hpp"

namespace fergraph {
namespace {

// `$seed` and `${seed}` of a setting's value.
Tree with_seed(const Tree& value, const std::string& seed) {
  Tree out = value;
  if (out.text == "$seed") out.text = seed;
  const std::string braced = "${seed}";
  for (std::size_t at = out.text.find(braced); at != std::string::npos; at = out.text.find(braced))
    out.text.replace(at, braced.size(), seed);
  for (Tree& item : out.items) item = with_seed(item, seed);
  for (Tree::Member& member : out.members) member.value = with_seed(member.value, seed);
  return out;
}

std::string written(const SweepSetting& setting, std::uint64_t seed) {
  return setting.name + "=" + with_seed(setting.value, std::to_string(seed)).flow();
}

// The sentence that says what a pipeline is does not change its numbers.
std::string without_doc(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with("doc:")) out += line + "\n";
  return out;
}

class Planner {
 public:
  Planner(Sweep sweep, const Registry& registry, std::filesystem::path folder)
      : registry_(registry), folder_(std::move(folder)) {
    plan_.sweep = std::move(sweep);
  }

  SweepPlan plan(const std::vector<std::uint64_t>& seeds) {
    refuse_equal(seeds);
    for (std::size_t i = 0; i < plan_.sweep.cells.size(); ++i) {
      plan_.of_cell.emplace_back();
      const SweepCell& cell = plan_.sweep.cells[i];
      if (!cell.is_run()) continue;
      for (const std::uint64_t seed : seeds.empty() ? *cell.part.seeds : seeds)
        if (!add_run(i, seed)) break;  // what is wrong with one seed is wrong with the others
    }
    if (!problems_.empty()) throw PipelineError(problems_);
    return std::move(plan_);
  }

 private:
  struct Resolved {
    std::string name, text;
    std::int64_t epochs = 1;
    std::vector<std::string> records;
    std::vector<std::string> streams;
    bool trains = true;
  };

  // As the file's reader does: a number twice is no second run, and no deviation.
  void refuse_equal(const std::vector<std::uint64_t>& seeds) {
    std::set<std::uint64_t> seen, told;
    for (const std::uint64_t seed : seeds)
      if (!seen.insert(seed).second && told.insert(seed).second)
        problems_.push_back({{"--seeds " + std::to_string(seed), 0, 0},
                             "The seed stands twice. Two equal runs are one; give each seed once."});
  }

  void complain(const Place& place, const std::string& message, const std::string& where) {
    if (told_.insert(place.text() + message).second) problems_.push_back({place, message + " (" + where + ".)"});
  }

  // Those of the command line are placed as the sweep's own.
  Place place_of(const Place& place, const std::vector<std::pair<std::string, Place>>& settings) const {
    for (const auto& [text, own] : settings)
      if (place.file == "--set " + text) return own;
    return place;
  }

  // Nothing where something is wrong, which is told. Settings are left out one by one as they turn out to be wrong, so
  // that all of them are told.
  std::optional<Resolved> resolve(const NamedFile& file, const std::vector<NamedFile>& data,
                                  const std::vector<SweepSetting>& set, std::uint64_t seed, const std::string& where) {
    std::vector<std::pair<std::string, Place>> settings;
    for (const SweepSetting& each : set) settings.emplace_back(written(each, seed), each.place);
    std::vector<std::string> key = {file.path.string()};
    LoadOptions load{file.path, {}, {}};
    for (const NamedFile& each : data) {
      load.data.push_back(each.path);
      key.push_back(each.path.string());
    }
    for (const auto& [text, place] : settings) key.push_back(text);
    if (const auto known = resolved_.find(key); known != resolved_.end()) return known->second;
    std::optional<Resolved> result;
    for (bool wrong = false;;) {
      load.settings.clear();
      for (const auto& [text, place] : settings) load.settings.push_back(text);
      try {
        const Pipeline pipeline = load_pipeline(load, registry_);
        if (!wrong) result = resolved_from(pipeline);
        break;
      } catch (const PipelineError& error) {
        for (const Problem& each : error.problems()) complain(place_of(each.place, settings), each.message, where);
        const std::string& told = error.problems().front().place.file;
        wrong = true;
        if (std::erase_if(settings, [&](const auto& each) { return told == "--set " + each.first; }) == 0) break;
      }
    }
    resolved_[key] = result;
    return result;
  }

  static Resolved resolved_from(const Pipeline& pipeline) {
    Resolved resolved{pipeline.name, pipeline.text, pipeline.epochs, {}, {}, pipeline.trains()};
    for (const RecordPlan& record : pipeline.records) resolved.records.push_back(record.name);
    for (const StreamPlan& stream : pipeline.streams) resolved.streams.push_back(stream.name);
    return resolved;
  }

  bool add_run(std::size_t index, std::uint64_t seed) {
    const SweepCell& cell = plan_.sweep.cells[index];
    const SweepPart& part = cell.part;
    const std::string where = "In the cell '" + plan_.sweep.text(cell) + "'";
    const Place& row = plan_.sweep.rows[cell.row].place;
    const std::optional<Resolved> resolved = resolve(*part.run, part.data, part.set, seed, where);
    if (!resolved) return false;
    if (!resolved->trains) {
      const std::string file = part.run->path.string();
      complain(part.run->place, "'" + file + "' does not train: it has no 'step'. Name a method.", where);
      return false;
    }
    if (part.evaluate) {
      if (is_of_the_run_itself(part.evaluate->name, *resolved)) {
        complain(part.evaluate->data.back().place,
                 "'" + part.evaluate->name +
                     "' is what every run calls the predictions of its own faces. Give this evaluation another name: "
                     "evaluate: {data: FILE, name: NAME}.",
                 where);
        return false;
      }
      // Whose selection `test` is measured; that it names what the pipeline has is told before hours of training.
      std::vector<SweepSetting> set = part.set;
      set.insert(set.end(), part.evaluate->set.begin(), part.evaluate->set.end());
      if (!resolve(*part.run, part.evaluate->data, set, seed, where + ", for its evaluation")) return false;
      if (part.pick->kind == Pick::Kind::mean) {
        complain(row,
                 "Runs that are evaluated on other data have their last or best networks alone: 'pick' must be "
                 "last or best here, not " +
                     part.pick->word() + ".",
                 where);
        return false;
      }
    } else if (std::find(resolved->records.begin(), resolved->records.end(), *part.value) == resolved->records.end()) {
      complain(row,
               "The pipeline has no record '" + *part.value + "' for 'value'. It has " + listed(resolved->records) +
                   "." + did_you_mean(*part.value, resolved->records),
               where);
      return false;
    }
    SweepRun& run = run_of(*resolved, seed);
    if (run.cells.empty()) run.title = plan_.sweep.text(cell) + ", seed " + std::to_string(seed);
    if (run.cells.empty() || run.cells.back() != index) run.cells.push_back(index);
    plan_.of_cell[index].push_back(static_cast<std::size_t>(&run - plan_.runs.data()));
    return !part.evaluate || add_evaluation(run, *part.evaluate, *part.pick, seed, where);
  }

  // Training leaves predictions/test.json and one per stream, which would be taken for the evaluation's result.
  static bool is_of_the_run_itself(const std::string& name, const Resolved& resolved) {
    return name == "test" ||
           std::find(resolved.streams.begin(), resolved.streams.end(), name) != resolved.streams.end();
  }

  SweepRun& run_of(const Resolved& resolved, std::uint64_t seed) {
    const std::string fingerprint =
        hash_of_json(without_doc(resolved.text) + "seed: " + std::to_string(seed) + "\n").substr(0, 16);
    const auto [known, fresh] = index_.try_emplace(fingerprint, plan_.runs.size());
    if (fresh) {
      SweepRun run;
      run.fingerprint = fingerprint;
      run.seed = seed;
      run.text = resolved.text;
      run.epochs = resolved.epochs;
      run.directory = folder_ / (resolved.name + "-" + fingerprint + "-seed" + std::to_string(seed));
      plan_.runs.push_back(std::move(run));
    }
    return plan_.runs[known->second];
  }

  bool add_evaluation(SweepRun& run, SweepEvaluation evaluation, const Pick& pick, std::uint64_t seed,
                      const std::string& where) {
    for (SweepSetting& each : evaluation.set) each.value = with_seed(each.value, std::to_string(seed));
    evaluation.checkpoint = pick.word();
    for (const SweepEvaluation& each : run.evaluations) {
      if (each.result() != evaluation.result()) continue;
      if (each.same(evaluation)) return true;
      complain(evaluation.data.back().place,
               "The name '" + evaluation.name +
                   "' stands for other data of the same run already. Give this "
                   "evaluation another: evaluate: {data: FILE, name: NAME}.",
               where);
      return false;
    }
    run.evaluations.push_back(std::move(evaluation));
    return true;
  }

  SweepPlan plan_;
  const Registry& registry_;
  std::filesystem::path folder_;
  std::map<std::vector<std::string>, std::optional<Resolved>> resolved_;  // by file, data and settings
  std::map<std::string, std::size_t> index_;                              // of runs, by fingerprint
  std::vector<Problem> problems_;
  std::set<std::string> told_;
};

}  // namespace

SweepPlan plan_sweep(Sweep sweep, const Registry& registry, const std::filesystem::path& folder,
                     const std::vector<std::uint64_t>& seeds) {
  return Planner(std::move(sweep), registry, folder).plan(seeds);
}

std::string title_in(const SweepPlan& plan, const SweepRun& run, std::size_t cell) {
  return plan.sweep.text(plan.sweep.cells[cell]) + ", seed " + std::to_string(run.seed);
}

bool is_meant(const SweepPlan& plan, const SweepRun& run, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return true;
  for (const std::size_t cell : run.cells)
    for (const std::string& pattern : patterns)
      if (::fnmatch(("*" + pattern + "*").c_str(), title_in(plan, run, cell).c_str(), FNM_CASEFOLD) == 0) return true;
  return false;
}

}  // namespace fergraph
