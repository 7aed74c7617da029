#include "report/run_checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cache/checksum.hpp"
#include "nodes/network/safetensors.hpp"

namespace fergraph {
namespace {

constexpr int format = 1;

nlohmann::json json_of(const RunPosition& position) {
  nlohmann::json streams = nlohmann::json::object();
  for (const auto& [name, cursor] : position.streams)
    streams[name] = {cursor.position, cursor.samples_of_pass, cursor.voids_of_pass};
  return {{"epoch", position.epoch}, {"step", position.step}, {"streams", std::move(streams)}};
}

RunPosition position_of(const nlohmann::json& json) {
  RunPosition position{json.at("epoch"), json.at("step"), {}};
  for (const auto& [name, cursor] : json.at("streams").items())
    position.streams[name] = {cursor.at(0), cursor.at(1), cursor.at(2)};
  return position;
}

std::string checksum_of(const std::string& position, const Blobs& arrays) {
  RunningChecksum sum;
  const auto add = [&](const std::string& text) { sum.add(text.data(), text.size()); };
  add(position);
  for (const auto& [name, blob] : arrays) {
    add(name);
    add(blob.dtype);
    sum.add(blob.shape.data(), blob.shape.size() * sizeof blob.shape[0]);
    sum.add(blob.bytes.data(), blob.bytes.size());
  }
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(sum.value()));
  return text.data();
}

// 000002400.safetensors, so that names are in the order of time.
std::string name_of(std::int64_t iteration) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%09lld.safetensors", static_cast<long long>(iteration));
  return text.data();
}

// Of the folder, the oldest first.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() == ".safetensors" && std::isdigit(static_cast<unsigned char>(name.front())))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

RunCheckpoint checkpoint_of(Run& run) {
  RunCheckpoint checkpoint;
  checkpoint.position = run.position();
  checkpoint.iteration = (checkpoint.position.epoch - 1) * run.steps_per_epoch() + checkpoint.position.step;
  for (const StatePlan& state : run.pipeline().states) checkpoint.states[state.name] = run.state(state.name)->save();
  return checkpoint;
}

void write_checkpoint(const std::filesystem::path& file, RunCheckpoint checkpoint) {
  Blobs arrays;
  for (auto& [state, blobs] : checkpoint.states)
    for (auto& [name, blob] : blobs) arrays[state + "/" + name] = std::move(blob);
  const std::string position = json_of(checkpoint.position).dump();
  write_safetensors(file, arrays,
                    {{"format", "fergraph checkpoint " + std::to_string(format)},
                     {"iteration", std::to_string(checkpoint.iteration)},
                     {"position", position},
                     {"checksum", checksum_of(position, arrays)}});
}

RunCheckpoint read_checkpoint(const std::filesystem::path& file) {
  try {
    Safetensors read = read_safetensors_file(file);
    const std::string kind = read.metadata["format"];
    if (kind != "fergraph checkpoint " + std::to_string(format))
      throw std::runtime_error(kind.starts_with("fergraph checkpoint ") ? "it is of the later format '" + kind + "'"
                                                                        : "it is no checkpoint of a run");
    const std::string& position = read.metadata["position"];
    if (read.metadata["checksum"] != checksum_of(position, read.arrays))
      throw std::runtime_error("its bytes have changed since it was written");
    RunCheckpoint checkpoint;
    checkpoint.position = position_of(nlohmann::json::parse(position));
    checkpoint.iteration = std::stoll(read.metadata["iteration"]);
    for (auto& [name, blob] : read.arrays) {
      const std::size_t slash = name.find('/');
      checkpoint.states[name.substr(0, slash)][name.substr(slash + 1)] = std::move(blob);
    }
    return checkpoint;
  } catch (const std::exception& error) {
    std::string why = error.what();
    if (!why.ends_with('.')) why += ".";
    throw RunError("The checkpoint '" + file.string() + "' cannot be used: " + why);
  }
}

void restore_states(Run& run, const RunCheckpoint& checkpoint) {
  for (const StatePlan& plan : run.pipeline().states) {
    const auto saved = checkpoint.states.find(plan.name);
    State& state = *run.state(plan.name);
    try {
      state.restore(saved == checkpoint.states.end() ? Blobs{} : saved->second);
    } catch (const RestoreError& error) {
      throw RunError(std::string("The checkpoint does not fit the pipeline: ") + error.what());
    }
  }
}

CheckpointFolder::CheckpointFolder(std::filesystem::path folder, CheckpointRules rules,
                                   std::optional<double> best_score)
    : folder_(std::move(folder)), rules_(std::move(rules)), best_score_(best_score) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    throw RunError("The folder '" + folder_.string() + "' cannot be made: " + error.message() +
                   ". Choose another run directory with --out.");
}

void CheckpointFolder::remove_unfinished(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) return;
  std::vector<std::filesystem::path> unfinished;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename().string().find(".partial") != std::string::npos)
      unfinished.push_back(entry.path());
  std::error_code ignored;
  for (const std::filesystem::path& file : unfinished) std::filesystem::remove(file, ignored);
}

void CheckpointFolder::write(Run& run, bool is_best) {
  finish();
  RunCheckpoint checkpoint = checkpoint_of(run);
  const std::int64_t period = rules_.every_epochs * run.steps_per_epoch();
  writing_ = std::async(std::launch::async, [this, period, is_best, checkpoint = std::move(checkpoint)]() mutable {
    const std::filesystem::path file = folder_ / name_of(checkpoint.iteration);
    write_checkpoint(file, std::move(checkpoint));
    if (is_best) name_best(file);
    remove_old(period);
  });
}

void CheckpointFolder::finish() {
  if (writing_.valid()) writing_.get();
}

void CheckpointFolder::remove_old(std::int64_t period) const {
  std::vector<std::filesystem::path> files = files_of(folder_);
  const std::size_t newest = static_cast<std::size_t>(std::max(rules_.newest, 1));
  if (files.size() <= newest) return;
  files.resize(files.size() - newest);
  std::error_code ignored;
  for (const std::filesystem::path& old : files)
    if (period == 0 || std::stoll(old.stem().string()) % period != 0) std::filesystem::remove(old, ignored);
}

void CheckpointFolder::name_best(const std::filesystem::path& file) const {
  const std::filesystem::path link = folder_ / "best.partial";
  std::error_code error;
  std::filesystem::remove(link, error);
  std::filesystem::create_hard_link(file, link, error);
  // Not every file system has links.
  if (error) std::filesystem::copy_file(file, link);
  std::filesystem::rename(link, folder_ / "best.safetensors");
}

bool CheckpointFolder::is_due(Run& run) const {
  const RunPosition& position = run.position();
  const std::int64_t iteration = (position.epoch - 1) * run.steps_per_epoch() + position.step;
  // The last step's states are written again with the end of the epoch.
  const bool is_last = position.step == run.steps_per_epoch();
  return rules_.every_steps > 0 && iteration % rules_.every_steps == 0 && !is_last;
}

void CheckpointFolder::after_step(Run& run) {
  if (is_due(run)) write(run, /*is_best=*/false);
  if (run.position().step == run.steps_per_epoch()) before_epoch_end_ = checkpoint_of(run);
}

void CheckpointFolder::after_epoch(Run& run, std::optional<double> score) {
  // What is undefined (NaN) is not the best.
  const bool is_best = score && !std::isnan(*score) && (!best_score_ || *score > *best_score_);
  if (is_best) best_score_ = score;
  before_epoch_end_.reset();
  write(run, is_best);
}

void CheckpointFolder::after_interruption(Run& run) {
  finish();
  if (run.is_settled()) {
    write(run, /*is_best=*/false);
    finish();
  } else if (before_epoch_end_) {
    const std::filesystem::path file = folder_ / name_of(before_epoch_end_->iteration);
    write_checkpoint(file, *std::exchange(before_epoch_end_, std::nullopt));
    remove_old(rules_.every_epochs * run.steps_per_epoch());
  }
}

void CheckpointFolder::go_on_from(std::int64_t iteration, std::optional<std::int64_t> best_iteration) {
  for (const std::filesystem::path& file : files_of(folder_))
    if (std::stoll(file.stem().string()) > iteration) std::filesystem::rename(file, file.string() + ".damaged");
  if (!best_iteration) return;
  const std::filesystem::path best = folder_ / name_of(*best_iteration);
  std::error_code error;
  if (std::filesystem::exists(best, error) && !std::filesystem::equivalent(best, folder_ / "best.safetensors", error))
    name_best(best);
}

bool CheckpointFolder::has_any(const std::filesystem::path& folder) { return !files_of(folder).empty(); }

std::optional<RunCheckpoint> CheckpointFolder::newest(const std::filesystem::path& folder,
                                                      const std::function<void(const std::string&)>& damaged) {
  const std::vector<std::filesystem::path> files = files_of(folder);
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    try {
      return read_checkpoint(*file);
    } catch (const RunError& error) {
      damaged(error.what());
    }
  }
  return std::nullopt;
}

}  // namespace fergraph
