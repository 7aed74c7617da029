#include "cli/options.hpp"

#include <torch/cuda.h>

namespace fergraph {
namespace {

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

}  // namespace

void add_load_options(CLI::App& app, LoadOptions& load) {
  app.add_option("file", load.file, "The pipeline file")->required();
  app.add_option("--data", load.data, "A data file, merged over the pipeline file (repeatable)")->type_name("FILE");
  app.add_option("--set", load.settings, "Override a parameter: name=value, or section.entry.key=value (repeatable)")
      ->type_name("K=V")
      ->allow_extra_args(false);
}

CLI::Option* add_seed_option(CLI::App& app, std::uint64_t& seed, const std::string& what) {
  return app.add_option("--seed", seed, what)->check(wrong_seed)->capture_default_str();
}

CLI::Option* add_device_option(CLI::App& app, std::string& device) {
  return app.add_option("--device", device, "Where networks compute: cpu, cuda, cuda:1")
      ->check(wrong_device)
      ->capture_default_str();
}

CLI::Option* add_threads_option(CLI::App& app, int& threads) {
  return app.add_option("--threads", threads, "Threads that prepare samples (0: as many as cores)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

CLI::Option* add_compute_threads_option(CLI::App& app, int& threads) {
  return app
      .add_option("--compute-threads", threads, "Threads inside one operation of a network (0: as many as cores)")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

CLI::Option* add_lanes_option(CLI::App& app, int& lanes) {
  return app.add_option("--lanes", lanes, "Nodes of the step that may run at once")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
}

CLI::Option* add_quiet_option(CLI::App& app, bool& quiet) { return app.add_flag("--quiet,-q", quiet, "No progress"); }

}  // namespace fergraph
