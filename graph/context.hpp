// What a node may know about the call it is in, beside its inputs, parameters and states.
#pragma once

#include <stop_token>
#include <string>

#include "graph/clock.hpp"
#include "graph/feed.hpp"
#include "graph/random.hpp"

namespace fergraph {

/// Thrown by a per-sample node: this sample has no result, and why ("no face found"). The stream skips it or fails, as
/// the batch node says, and the run's log lists it.
struct Void {
  std::string reason;
};

/// The call's surroundings. Cheap to make; lives as long as the call.
class Context {
 public:
  std::string_view node;   // qualified: "step.guess", "streams.unlabeled.weak_a"
  std::uint64_t name = 0;  // name_hash of it
  std::uint64_t seed = 0;  // of the run
  Section section = Section::step;
  Clock clock;                // of the section that runs; in streams, which run ahead, all ones
  std::int64_t sample = 0;    // in streams: the sample's index in the source
  std::int64_t position = 0;  // in streams: the running position, over all passes; else the iteration
  std::stop_token stop;

  /// Draws keyed by (seed, qualified name, position): the same whatever the threads do. `stream` tells apart several
  /// independent sequences of one node.
  Random random(std::uint64_t stream = 0) const {
    return Random(seed, name + stream * 0xD1B54A32D192ED03ULL, static_cast<std::uint64_t>(position));
  }
};

}  // namespace fergraph
