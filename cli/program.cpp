#include "cli/program.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <opencv2/core/utility.hpp>
#include <sstream>

#include "cli/commands.hpp"
#include "graph/feed.hpp"
#include "nodes/register.hpp"

namespace fergraph {
namespace {

// LibTorch's messages carry the frames of its stack, which help nobody who wrote a pipeline file.
std::string without_frames(const std::string& message) {
  std::string kept;
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && !line.starts_with("frame #") && !line.starts_with("Exception raised from "))
      kept += line + "\n";
  return kept;
}

// CLI11 only says that a command is missing where an unknown one stands.
int tell_wrong_usage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* at = &app;
  std::string before;  // the commands that were understood
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    before += at->get_name() + " ";
  }
  std::vector<std::string> known;
  for (const CLI::App* each : at->get_subcommands({})) known.push_back(each->get_name());
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError) || known.empty())
    return app.exit(error) == 0 ? 0 : 2;
  const std::vector<std::string> rest = app.remaining(/*recurse=*/true);
  if (rest.empty())
    std::fputs(at->help().c_str(), stderr);
  else
    std::fprintf(stderr, "There is no command '%s%s'. Known are %s.%s\n", before.c_str(), rest.front().c_str(),
                 listed(known).c_str(), did_you_mean(rest.front(), known).c_str());
  return 2;
}

// CLI11 takes a -- behind an option with several values, such as a sweep's --seeds 1 2, for the end of these alone. A
// second one says that what follows are no options; where the first has said so, it is the first of them.
std::vector<char*> with_second_mark(int argc, char** argv) {
  static std::string mark = "--";
  std::vector<char*> words(argv, argv + argc);
  const auto found = std::find(words.begin(), words.end(), mark);
  if (found != words.end() && argc > 1 && std::string(argv[1]) == "sweep") words.insert(found, mark.data());
  return words;
}

int run_command_line(int argc, char** argv, const std::function<void(Registry&)>& more) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("fergraph"));
  spdlog::set_pattern("%^%l%$: %v");
  // Streams run many photographs at once; OpenCV must not split each of them again.
  cv::setNumThreads(1);

  CLI::App app(
      "fergraph trains facial-expression recognition from few or noisy labels, and preprocesses face datasets.\n"
      "A method is a pipeline file: a wiring of nodes, run as a graph.");
  app.set_version_flag("--version", "fergraph " FERGRAPH_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  fergraph synthesize demo/photographs\n"
      "  fergraph run pipelines/faces/demo.yaml\n"
      "  fergraph run pipelines/methods/ada-cm.yaml --data pipelines/data/demo.yaml --seed 3\n"
      "  fergraph check my-method.yaml\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage or a file that does not check, 130 interrupted.");

  Actions actions;
  for (const auto add :
       {add_run_command, add_check_command, add_graph_command, add_data_command, add_nodes_command, add_schema_command,
        add_diff_command, add_evaluate_command, add_replay_command, add_synthesize_command, add_weights_command,
        add_cache_command, add_report_command, add_export_command, add_predict_command, add_sweep_command})
    add(app, actions);
  try {
    const std::vector<char*> words = with_second_mark(argc, argv);
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& error) {
    return tell_wrong_usage(app, error);
  }

  // A full disk is told by the failing write.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_DFL);
  try {
    Registry registry;
    register_nodes(registry);
    if (more) more(registry);
    Surroundings surroundings(registry);
    return actions.run(surroundings);
  } catch (const PipelineError& error) {
    std::fprintf(stderr, "%s", without_frames(error.what()).c_str());
    if (error.problems().size() > 1) std::fprintf(stderr, "%zu errors.\n", error.problems().size());
    return 2;
  } catch (const Cancelled&) {
    std::fprintf(stderr, "Interrupted.\n");
    return 130;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s", without_frames(error.what()).c_str());
    return 1;
  }
}

}  // namespace

int run_program(int argc, char** argv, const std::function<void(Registry&)>& more) {
  const int code = run_command_line(argc, argv, more);
  std::cout.flush();
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
  if (code != 0 || written) return code;
  // Whoever redirects the output must not take half of it for the whole.
  std::fprintf(stderr, "The output could not be written: the disk that it goes to is full, or it is closed.\n");
  return 1;
}

}  // namespace fergraph
