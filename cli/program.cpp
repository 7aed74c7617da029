#include "cli/program.hpp"

#include <malloc.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <ATen/Parallel.h>
#include <torch/cuda.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <opencv2/core/utility.hpp>
#include <sstream>
#include <thread>

#include "cli/commands.hpp"
#include "cli/process_share.hpp"
#include "graph/feed.hpp"
#include "nodes/register.hpp"
#include "report/provenance.hpp"

namespace fergraph {
namespace {

// A signal may only set a flag; a thread turns it into the stop that the run listens to.
std::atomic<int> interrupts{0};

class Interrupt {
 public:
  Interrupt()
      : watcher_([this](const std::stop_token& ended) {
          while (!ended.stop_requested()) {
            if (interrupts > 0) source_.request_stop();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {
    const auto note = [](int) {
      // The second Ctrl-C means it: no waiting for the step.
      if (interrupts.fetch_add(1) > 0) std::_Exit(130);
    };
    std::signal(SIGINT, note);
    std::signal(SIGTERM, note);
  }
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread watcher_;
};

// A step wants memory of the same sizes again and again. Handed back to the system each time, every page of it would
// have to be cleared anew.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

// LibTorch's own default counts physical cores, which virtual machines misreport.
void set_compute_threads(int threads) {
  if (threads == 0 && std::getenv("OMP_NUM_THREADS")) return;
  at::set_num_threads(threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

// Empty for a device that is there, else what is wrong.
std::string wrong_device(const std::string& text) {
  try {
    const torch::Device device(text);
    if (device.is_cpu()) return {};
    if (device.is_cuda()) {
      const auto there = static_cast<int>(torch::cuda::is_available() ? torch::cuda::device_count() : 0);
      if (device.index() < there && there > 0) return {};
      return "there are " + std::to_string(there) + " CUDA devices here, so '" + text +
             "' cannot be used. Use cpu, or a LibTorch and a machine with CUDA.";
    }
  } catch (const c10::Error&) {
    // Told below, as for devices that exist elsewhere.
  }
  return "'" + text + "' is no device. Use cpu, cuda or cuda:1.";
}

// CLI11 would read -1 as the largest number there is.
std::string wrong_seed(const std::string& text) {
  return text.starts_with('-') ? "a seed is a whole number from 0 on, and not " + text + "." : std::string();
}

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

void add_load_options(CLI::App& app, LoadOptions& load) {
  app.add_option("file", load.file, "The pipeline file")->required();
  app.add_option("--data", load.data, "A data file, merged over the pipeline file (repeatable)")->type_name("FILE");
  app.add_option("--set", load.settings, "Override a parameter: name=value, or section.entry.key=value (repeatable)")
      ->type_name("K=V")
      ->allow_extra_args(false);
}

}  // namespace

namespace {

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

  int compute_threads = 0;
  RunCommand run;
  CLI::App* run_app =
      app.add_subcommand("run", "Run a pipeline file: train, or preprocess photographs into a face cache");
  add_load_options(*run_app, run.load);
  run_app->get_option("file")->required(false);
  CLI::Option* resume = run_app
                            ->add_option("--resume", run.resume,
                                         "Go on with an interrupted run, from its newest checkpoint, to the same end")
                            ->type_name("DIR");
  for (const char* fixed : {"file", "--data", "--set"}) resume->excludes(run_app->get_option(fixed));
  run_app->add_option("--out", run.out, "The run directory (default: runs/<pipeline>/<time>-<fingerprint>)")
      ->type_name("DIR");
  run_app->add_option("--seed", run.seed, "Seed of every draw: initial weights, order, views")
      ->check(wrong_seed)
      ->capture_default_str();
  run_app->add_option("--threads", run.threads, "Threads that prepare samples (0: as many as cores)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  run_app
      ->add_option("--compute-threads", compute_threads,
                   "Threads inside one operation of a network (0: as many as cores)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  run_app->add_option("--lanes", run.lanes, "Nodes of the step that may run at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  run_app->add_option("--device", run.device, "Where networks compute: cpu, cuda, cuda:1")
      ->check(wrong_device)
      ->capture_default_str();
  run_app
      ->add_option(
          "--shard", run.shard,
          "Preprocess a part: 1/4 is the second of four processes (default: what srun, mpirun or torchrun say)")
      ->type_name("INDEX/COUNT")
      ->check([](const std::string& text) -> std::string {
        return parse_share(text) ? ""
                                 : "a share is INDEX/COUNT with 0 <= INDEX < COUNT, such as 1/4, and not " + text + ".";
      });
  run_app
      ->add_option("--checkpoint-steps", run.checkpoints.every_steps,
                   "Write a checkpoint every so many steps too, not only after each epoch")
      ->check(CLI::PositiveNumber);
  run_app->add_option("--keep", run.checkpoints.newest, "How many of the newest checkpoints are kept")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  run_app
      ->add_option("--keep-every", run.checkpoints.every_epochs, "Keep the checkpoint of every so many epochs for good")
      ->check(CLI::PositiveNumber);
  run_app->add_option("--best", run.checkpoints.best, "The record whose largest value makes an epoch the best")
      ->type_name("RECORD")
      ->capture_default_str();
  run_app->add_option("--trace", run.trace, "Write a Chrome trace (open in chrome://tracing or Perfetto)")
      ->type_name("FILE");
  run_app
      ->add_option("--record", run.record,
                   "Write a parity pack of this run: its batches, weights and records, for `fergraph replay`")
      ->type_name("PACK.h5");
  run_app->add_flag("--quiet,-q", run.quiet, "No progress");
  for (const char* fixed : {"--seed", "--out", "--shard", "--record"}) resume->excludes(run_app->get_option(fixed));
  run_app->callback([&] {
    if (run.resume.empty() && run.load.file.empty()) throw CLI::RequiredError("file");
  });
  run_app->footer(
      "Examples:\n"
      "  fergraph run pipelines/methods/baseline.yaml --data pipelines/data/demo.yaml\n"
      "  fergraph run pipelines/methods/ada-cm.yaml --set lr=1e-3 --set epochs=5 --out runs/try\n"
      "  fergraph run pipelines/faces/csv.yaml --set csv=faces.csv --set cache=faces.h5 --set size=64\n"
      "  fergraph run pipelines/methods/fixmatch.yaml --set epochs=2 --set steps=5 --set dropout=0 --record "
      "fixmatch.h5\n"
      "  fergraph run --resume runs/try\n"
      "  mpirun -n 8 fergraph run pipelines/faces/csv.yaml --set csv=faces.csv --set cache=faces");

  LoadOptions check_load;
  CLI::App* check_app = app.add_subcommand("check", "Check a pipeline file and list all that is wrong with it");
  add_load_options(*check_app, check_load);
  check_app->footer("Example:\n  fergraph check my-method.yaml --data pipelines/data/demo.yaml");

  GraphCommand graph;
  CLI::App* graph_app = app.add_subcommand("graph", "Draw a pipeline as DOT or SVG");
  add_load_options(*graph_app, graph.load);
  graph_app
      ->add_option("--out,-o", graph.out,
                   "FILE.svg (needs Graphviz) or FILE.dot; DOT to standard output where left out")
      ->type_name("FILE");
  graph_app->footer("Example:\n  fergraph graph pipelines/methods/ada-cm.yaml -o ada-cm.svg");

  DataCommand data;
  CLI::App* data_app = app.add_subcommand(
      "data",
      "Look at the data that a file names: counts, boxes, landmarks, missing and equal files, splits that share");
  add_load_options(*data_app, data.load);
  data_app->add_flag("--json", data.json, "Print JSON, with all that was found");
  data_app->add_flag("--quiet,-q", data.quiet, "No progress");
  data_app->footer(
      "Examples:\n"
      "  fergraph data pipelines/faces/raf-db.yaml --set root=RAF-DB\n"
      "  fergraph data pipelines/data/csv.yaml --set cache=faces.h5 --json");

  std::string node_name;
  CLI::App* nodes_app = app.add_subcommand("nodes", "List all nodes and states, or tell all about one");
  nodes_app->add_option("name", node_name, "A node or a kind of state");
  nodes_app->footer("Example:\n  fergraph nodes cross_entropy");

  CLI::App* schema_app = app.add_subcommand("schema", "Print the JSON schema of pipeline files, for editors");
  schema_app->footer("Example:\n  fergraph schema > pipeline.schema.json");

  std::filesystem::path diff_first;
  std::filesystem::path diff_second;
  CLI::App* diff_app =
      app.add_subcommand("diff", "List what differs between two pipeline files, all that they use included");
  diff_app->add_option("first", diff_first, "A pipeline file")->required();
  diff_app->add_option("second", diff_second, "Another")->required();
  diff_app->footer("Example:\n  fergraph diff pipelines/methods/baseline.yaml pipelines/methods/ada-cm.yaml");

  ReplayCommand replay;
  replay.pipelines = "pipelines";
  CLI::App* replay_app = app.add_subcommand(
      "replay", "Run the wiring that a parity pack names over the pack's batches and compare every number");
  replay_app->add_option("pack", replay.pack, "The parity pack (.h5)")->required();
  replay_app
      ->add_option("--pipeline", replay.pipeline, "The wiring (default: <pipelines>/methods/<method>[.<variant>].yaml)")
      ->type_name("FILE");
  replay_app->add_option("--pipelines", replay.pipelines, "The folder of the shipped pipeline files")
      ->type_name("DIR")
      ->capture_default_str();
  replay_app->add_option("--threads", replay.threads, "Threads of streams (0: as many as cores)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  replay_app->add_option("--lanes", replay.lanes, "Nodes of the step that may run at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  replay_app->add_flag("--verbose", replay.verbose, "Print every compared value");
  replay_app->footer("Example:\n  fergraph replay ada-cm.paper.h5 --verbose");

  SynthesizeCommand synthesize;
  CLI::App* synthesize_app = app.add_subcommand(
      "synthesize", "Draw the synthetic data set: photographs of faces, with boxes, landmarks and labels");
  synthesize_app->add_option("directory", synthesize.directory, "Where to")->required();
  synthesize_app->add_option("--train", synthesize.train, "Photographs of the train split")->capture_default_str();
  synthesize_app->add_option("--test", synthesize.test, "Photographs of the test split")->capture_default_str();
  synthesize_app->add_option("--seed", synthesize.seed, "Seed")->check(wrong_seed)->capture_default_str();
  synthesize_app->add_flag("--quiet,-q", synthesize.quiet, "No progress");
  synthesize_app->footer("Example:\n  fergraph synthesize demo/photographs --train 3000 --test 600");

  WeightsCommand weights;
  CLI::App* weights_app =
      app.add_subcommand("weights", "Import PyTorch checkpoints as safetensors, show what is in a file of weights");
  weights_app->require_subcommand(1);
  CLI::App* import_app = weights_app->add_subcommand(
      "import", "Write the state dict of a PyTorch checkpoint as safetensors; nothing in the checkpoint is run");
  import_app->add_option("file", weights.file, "The checkpoint (.pt, .pth)")->required();
  import_app->add_option("--out,-o", weights.out, "The safetensors file")->required()->type_name("FILE");
  CLI::App* show_app = weights_app->add_subcommand("show", "List names, dtypes and shapes");
  show_app->add_option("file", weights.file, "A safetensors file or a PyTorch checkpoint")->required();
  for (CLI::App* each : {import_app, show_app})
    each->add_option("--key", weights.key,
                     "Where in the checkpoint the state dict is, keys joined by dots (found where left out)")
        ->type_name("KEY");
  weights_app->footer(
      "Examples:\n"
      "  fergraph weights import resnet18.pth -o resnet18.safetensors\n"
      "  fergraph weights show resnet18.safetensors");

  PreviewCommand preview;
  VerifyCommand verify;
  CLI::App* cache_app = app.add_subcommand("cache", "Look into a face cache: what is in it, is it whole, its faces");
  cache_app->require_subcommand(1);
  CLI::App* info_app = cache_app->add_subcommand("info", "What is in it, and what it was made with");
  CLI::App* verify_app = cache_app->add_subcommand("verify", "Read every face and name those that are damaged");
  verify_app->add_flag("--quiet,-q", verify.quiet, "No progress");
  CLI::App* preview_app = cache_app->add_subcommand("preview", "Draw a sheet of its faces, with their labels");
  for (CLI::App* each : {info_app, verify_app, preview_app})
    each->add_option("file", preview.file, "The cache: a file (.h5), or a folder of shards")->required();
  preview_app->add_option("--out,-o", preview.out, "The sheet, a PNG file")->type_name("FILE")->capture_default_str();
  preview_app->add_option("--faces", preview.faces, "How many, as evenly over the classes as possible")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  preview_app->add_option("--seed", preview.seed, "Seed of the choice")->check(wrong_seed)->capture_default_str();
  preview_app->add_option("--split", preview.split, "Only faces of this split");
  preview_app->add_option("--class", preview.of_class, "Only faces of this class");
  info_app->footer("Example:\n  fergraph cache info faces.h5");
  verify_app->footer("Example:\n  fergraph cache verify faces.h5");
  preview_app->footer("Example:\n  fergraph cache preview faces.h5 -o sheet.png --faces 64 --split test");
  cache_app->footer(
      "Examples:\n"
      "  fergraph cache info faces.h5\n"
      "  fergraph cache verify faces\n"
      "  fergraph cache preview faces.h5 -o sheet.png --faces 64 --split test");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return tell_wrong_usage(app, error);
  }

  // A full disk is told by the failing write.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_DFL);
  try {
    if (*run_app && !run.resume.empty()) {
      // What decides the bits of the numbers is as it was, unless it is asked for otherwise.
      const RunIdentity was = read_identity(run.resume / "provenance.json");
      run.seed = was.seed;
      if (!run_app->count("--lanes")) run.lanes = was.lanes;
      if (!run_app->count("--device")) run.device = was.device;
      if (!run_app->count("--compute-threads")) compute_threads = was.compute_threads;
    }
    set_compute_threads(compute_threads);
    if (*run_app || *replay_app) keep_freed_memory();
    Registry registry;
    register_nodes(registry);
    if (more) more(registry);
    if (*run_app) return run_command(run, registry, Interrupt().token());
    if (*check_app) return check_command(check_load, registry);
    if (*graph_app) return graph_command(graph, registry);
    if (*data_app) return data_command(data, registry, Interrupt().token());
    if (*nodes_app) return nodes_command(node_name, registry);
    if (*schema_app) return schema_command(registry);
    if (*diff_app) return diff_command(diff_first, diff_second);
    if (*replay_app) return replay_command(replay, registry, Interrupt().token());
    if (*synthesize_app) return synthesize_command(synthesize, Interrupt().token());
    if (*import_app) return weights_import_command(weights);
    if (*show_app) return weights_show_command(weights);
    if (*info_app) return cache_info_command(preview.file);
    if (*preview_app) return cache_preview_command(preview);
    verify.file = preview.file;
    return cache_verify_command(verify, Interrupt().token());
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
