// One forward of a network over a batch, or over several batches at once.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"
#include "nodes/values.hpp"

namespace fergraph {

enum class ForwardMode { train, eval };
enum class Statistics { update, leave };
/// How a list of batches goes through the network.
enum class Batching { joint, separate };

template <>
struct Words<ForwardMode> {
  static constexpr std::array<std::pair<std::string_view, ForwardMode>, 2> all = {
      {{"train", ForwardMode::train}, {"eval", ForwardMode::eval}}};
};
template <>
struct Words<Statistics> {
  static constexpr std::array<std::pair<std::string_view, Statistics>, 2> all = {
      {{"update", Statistics::update}, {"leave", Statistics::leave}}};
};
template <>
struct Words<Batching> {
  static constexpr std::array<std::pair<std::string_view, Batching>, 2> all = {
      {{"joint", Batching::joint}, {"separate", Batching::separate}}};
};

/// Several batches go through the network together (joint batch statistics), or one after the other; each output can
/// be read whole or in the parts that belong to the batches.
struct Forward {
  struct In {
    std::vector<Images> images;
  };
  struct Out {
    Logits logits;
    Probs probs;
    Features features;
    Maps maps;
    std::vector<Logits> logits_parts;
    std::vector<Probs> probs_parts;
    std::vector<Features> features_parts;
    std::vector<Maps> maps_parts;
  };
  struct Params {
    ForwardMode mode = ForwardMode::train;
    bool grad = true;
    Statistics statistics = Statistics::update;
    Batching batching = Batching::joint;
  };
  struct State {
    Use<Network> net;
  };
  static Contract<Forward> contract();
  Out run(const In& in, const Params& params, const State& states, const Context& context) const;
};

}  // namespace fergraph
