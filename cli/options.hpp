// Options that several commands have, and checks of what they are given.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "graph/document.hpp"

namespace fergraph {

/// FILE, --data FILE and --set K=V.
void add_load_options(CLI::App& app, LoadOptions& load);
/// --seed N, a whole number from 0 on.
CLI::Option* add_seed_option(CLI::App& app, std::uint64_t& seed, const std::string& what);
/// --device: cpu, cuda, cuda:1; one that is there.
CLI::Option* add_device_option(CLI::App& app, std::string& device);
/// --threads: threads of streams; 0: as many as cores.
CLI::Option* add_threads_option(CLI::App& app, int& threads);
/// --compute-threads: threads inside one operation of a network; 0: as many as cores.
CLI::Option* add_compute_threads_option(CLI::App& app, int& threads);
/// --lanes: nodes of the step that may run at once.
CLI::Option* add_lanes_option(CLI::App& app, int& lanes);
/// --quiet, -q.
CLI::Option* add_quiet_option(CLI::App& app, bool& quiet);

}  // namespace fergraph
