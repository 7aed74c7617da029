#include <cstdio>

#include "cli/commands.hpp"
#include "datasets/synthetic.hpp"
#include "graph/feed.hpp"
#include "report/progress.hpp"

namespace fergraph {

int synthesize_command(const SynthesizeCommand& command, std::stop_token stop) {
  Progress progress(command.quiet);
  SyntheticOptions options;
  options.directory = command.directory;
  options.train = command.train;
  options.test = command.test;
  options.seed = command.seed;
  const bool made = write_synthetic_faces(options, [&](int done, int total) {
    if (stop.stop_requested()) throw Cancelled();
    progress.update("photographs", done, total, "written", "");
  });
  std::printf(made ? "%d photographs are in %s\n" : "The %d photographs in %s are there already; nothing to do.\n",
              command.train + command.test, command.directory.string().c_str());
  return 0;
}

}  // namespace fergraph
