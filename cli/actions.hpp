// What the program's commands declare on the command line, and what the chosen one is given.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "cli/interrupt.hpp"
#include "graph/registry.hpp"

namespace fergraph {

/// What surrounds a command that runs.
class Surroundings {
 public:
  explicit Surroundings(const Registry& registry) : registry_(registry) {}
  /// All nodes and states that pipeline files may name.
  const Registry& registry() const { return registry_; }
  /// Is requested by Ctrl-C and SIGTERM from the first call on; a command that never asks is ended by them at once.
  std::stop_token stop() {
    if (!interrupt_) interrupt_ = std::make_unique<Interrupt>();
    return interrupt_->token();
  }

 private:
  const Registry& registry_;
  std::unique_ptr<Interrupt> interrupt_;
};

/// Does what a command is for. Returns the program's exit code, and throws what the program reports: PipelineError
/// (exit code 2), Cancelled (130), any other exception (1).
using Action = std::function<int(Surroundings&)>;

/// The actions of all commands, by their places on the command line.
class Actions {
 public:
  void on(CLI::App* command, Action action) { actions_.emplace_back(command, std::move(action)); }
  /// That of the command that was given, after the command line was parsed.
  int run(Surroundings& surroundings) const {
    for (const auto& [command, action] : actions_)
      if (command->parsed()) return action(surroundings);
    throw std::logic_error("A command has no action.");
  }

 private:
  std::vector<std::pair<CLI::App*, Action>> actions_;
};

}  // namespace fergraph
