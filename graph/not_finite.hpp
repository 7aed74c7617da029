// What a node says that was given numbers which are NaN or infinite.
#pragma once

#include <stdexcept>
#include <string>

namespace fergraph {

/// Thrown by a node of a section before it changes any state. The file's `on_nan` says whether the run stops or goes on
/// without this call; either tells where the numbers began and the samples of the batches.
struct NotFinite : std::runtime_error {
  /// `lasting`: the states hold such numbers already, so that leaving out one call would not help, and the run stops.
  explicit NotFinite(const std::string& message, bool lasts = false) : std::runtime_error(message), lasting(lasts) {}
  bool lasting;
};

}  // namespace fergraph
