#include "report/run_timing.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "report/run_directory.hpp"

namespace fergraph {

RunTiming timing_of(const Run& run, double seconds) { return {1, seconds, run.times(), run.node_times()}; }

RunTiming sum_of(RunTiming before, const RunTiming& now) {
  before.starts += now.starts;
  before.seconds += now.seconds;
  before.shares.waiting_for_data += now.shares.waiting_for_data;
  before.shares.step += now.shares.step;
  before.shares.epoch_sections += now.shares.epoch_sections;
  for (const auto& [stream, seconds] : now.shares.waiting_for) before.shares.waiting_for[stream] += seconds;
  for (const NodeTime& each : now.nodes) {
    const auto known = std::find_if(before.nodes.begin(), before.nodes.end(),
                                    [&](const NodeTime& other) { return other.node == each.node; });
    if (known == before.nodes.end()) {
      before.nodes.push_back(each);
    } else {
      known->calls += each.calls;
      known->seconds += each.seconds;
    }
  }
  return before;
}

std::string timing_text(const RunTiming& timing) {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const NodeTime& each : timing.nodes)
    nodes.push_back({{"node", each.node}, {"kind", each.kind}, {"calls", each.calls}, {"seconds", each.seconds}});
  const nlohmann::ordered_json json = {{"format", 1},
                                       {"starts", timing.starts},
                                       {"seconds", timing.seconds},
                                       {"shares",
                                        {{"waiting_for_data", timing.shares.waiting_for_data},
                                         {"step", timing.shares.step},
                                         {"epoch_sections", timing.shares.epoch_sections}}},
                                       {"waiting_for", timing.shares.waiting_for},
                                       {"nodes", std::move(nodes)}};
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

TimingFile::TimingFile(const std::filesystem::path& directory, bool goes_on,
                       std::chrono::steady_clock::time_point started)
    : file_(directory / "timing.json"), before_(goes_on ? read_timing(file_) : RunTiming{}), started_(started) {}

void TimingFile::write(const Run& run) const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  write_whole(file_, timing_text(sum_of(before_, timing_of(run, seconds))));
}

RunTiming read_timing(const std::filesystem::path& file) {
  std::ifstream in(file);
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return {};
  try {
    RunTiming timing;
    timing.starts = json.at("starts");
    timing.seconds = json.at("seconds");
    timing.shares.waiting_for_data = json.at("shares").at("waiting_for_data");
    timing.shares.step = json.at("shares").at("step");
    timing.shares.epoch_sections = json.at("shares").at("epoch_sections");
    timing.shares.waiting_for = json.at("waiting_for");
    for (const nlohmann::json& each : json.at("nodes"))
      timing.nodes.push_back({each.at("node"), each.at("kind"), each.at("calls"), each.at("seconds")});
    return timing;
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

}  // namespace fergraph
