#include "report/saved_states.hpp"

#include <algorithm>
#include <memory>

#include "nodes/network/safetensors.hpp"
#include "report/run_checkpoint.hpp"

namespace fergraph {
namespace {

Clock clock_behind(const RunPosition& position, std::int64_t iteration, const Pipeline& pipeline) {
  Clock clock;
  clock.epochs = pipeline.epochs;
  clock.epoch = std::max<std::int64_t>(1, position.step == 0 ? position.epoch - 1 : position.epoch);
  clock.iteration = std::max<std::int64_t>(1, iteration);
  // One pass over a stream is as many steps as were made in each epoch that has ended.
  clock.steps = pipeline.steps > 0                        ? pipeline.steps
                : position.epoch > 1 && position.step < 1 ? iteration / (position.epoch - 1)
                                                          : std::max<std::int64_t>(1, position.step);
  clock.step = position.step == 0 ? clock.steps : position.step;
  return clock;
}

SavedStates states_of(const std::filesystem::path& file, const std::string& name, const Pipeline& pipeline) {
  auto checkpoint = std::make_shared<const RunCheckpoint>(read_checkpoint(file));
  return {name, clock_behind(checkpoint->position, checkpoint->iteration, pipeline),
          [checkpoint, file](const std::string& state) {
            const auto found = checkpoint->states.find(state);
            if (found == checkpoint->states.end())
              throw RunError("The checkpoint '" + file.string() + "' has no state '" + state +
                             "'. It is one of another pipeline.");
            return found->second;
          }};
}

}  // namespace

SavedStates states_of(Run& run) {
  SavedStates states;
  states.name = "last";
  states.clock = clock_behind(run.position(), (run.position().epoch - 1) * run.steps_per_epoch() + run.position().step,
                              run.pipeline());
  states.blobs = [&run](const std::string& name) { return run.state(name)->save(); };
  return states;
}

SavedStates read_states(const std::filesystem::path& directory, const std::string& checkpoint,
                        const Pipeline& pipeline) {
  const std::filesystem::path folder = directory / "checkpoints";
  if (checkpoint == "best") {
    const std::filesystem::path file = folder / "best.safetensors";
    if (!std::filesystem::exists(file))
      throw RunError("The run '" + directory.string() +
                     "' has no best checkpoint: none of its epochs has ended, or its record of --best was never made. "
                     "Measure another, such as --checkpoint last.");
    return states_of(file, "best", pipeline);
  }
  if (checkpoint != "last") {
    for (const std::filesystem::path& file :
         {std::filesystem::path(checkpoint), folder / checkpoint, folder / (checkpoint + ".safetensors")})
      if (std::filesystem::is_regular_file(file)) return states_of(file, checkpoint, pipeline);
    throw RunError("There is no checkpoint '" + checkpoint + "', neither as a path nor in '" + folder.string() +
                   "'. Give last, best or a file.");
  }
  const std::filesystem::path last = folder / "last";
  // What a finished run ended with needs no whole checkpoint; only its moment is told by one.
  bool damaged = false;
  const auto newest = CheckpointFolder::newest(folder, [&](const std::string&) { damaged = true; });
  if (!std::filesystem::is_directory(last))
    throw RunError("The run '" + directory.string() + "' has not finished: it has no '" + last.string() +
                   "'. Go on with it (fergraph run --resume " + directory.string() + ")" +
                   (newest
                        ? ", or measure what it has reached: --checkpoint best, or a file of '" + folder.string() + "'."
                        : "; it has no checkpoint yet that could be measured."));
  SavedStates states;
  states.name = "last";
  if (newest && !damaged) {
    states.clock = clock_behind(newest->position, newest->iteration, pipeline);
  } else {
    states.clock = {pipeline.epochs, pipeline.epochs, 1, std::max<std::int64_t>(1, pipeline.steps), 1};
  }
  states.blobs = [last](const std::string& state) {
    const std::filesystem::path file = last / (state + ".safetensors");
    if (!std::filesystem::exists(file))
      throw RunError("The checkpoint '" + last.string() + "' has no state '" + state +
                     "'. The run's pipeline.yaml may have been changed since.");
    try {
      return read_safetensors(file);
    } catch (const std::exception& error) {
      throw RunError("The checkpoint '" + last.string() + "' cannot be used: " + error.what() +
                     " Measure another, such as --checkpoint best.");
    }
  };
  return states;
}

}  // namespace fergraph
