// The commands of the program. Each declares its options and puts its action beside those of the others; an action
// returns the program's exit code and throws what the program reports.
#pragma once

#include "cli/actions.hpp"

namespace fergraph {

void add_run_command(CLI::App& app, Actions& actions);
void add_check_command(CLI::App& app, Actions& actions);
void add_graph_command(CLI::App& app, Actions& actions);
void add_data_command(CLI::App& app, Actions& actions);
void add_nodes_command(CLI::App& app, Actions& actions);
void add_schema_command(CLI::App& app, Actions& actions);
void add_diff_command(CLI::App& app, Actions& actions);
void add_evaluate_command(CLI::App& app, Actions& actions);
void add_replay_command(CLI::App& app, Actions& actions);
void add_synthesize_command(CLI::App& app, Actions& actions);
void add_weights_command(CLI::App& app, Actions& actions);
void add_cache_command(CLI::App& app, Actions& actions);
void add_report_command(CLI::App& app, Actions& actions);
void add_sweep_command(CLI::App& app, Actions& actions);
void add_export_command(CLI::App& app, Actions& actions);
void add_predict_command(CLI::App& app, Actions& actions);

}  // namespace fergraph
