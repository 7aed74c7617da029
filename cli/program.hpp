// The program `fergraph`, as a function: a program of one's own registers its nodes and calls the same main.
#pragma once

#include <functional>

#include "graph/registry.hpp"

namespace fergraph {

/// Runs the command line. `more` may register nodes and states beside those of fergraph. Returns the exit code: 0 done,
/// 1 failed, 2 wrong usage or a file that does not check, 130 interrupted.
int run_program(int argc, char** argv, const std::function<void(Registry&)>& more = {});

}  // namespace fergraph
