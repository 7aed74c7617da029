#include "nodes/update/ema.hpp"

#include <ATen/core/grad_mode.h>

namespace fergraph {
namespace {

void check_same_architecture(const NamedTensors& from, const NamedTensors& into) {
  bool same = from.size() == into.size();
  for (std::size_t i = 0; same && i < from.size(); ++i)
    same = from[i].first == into[i].first && from[i].second.sizes() == into[i].second.sizes();
  if (!same)
    throw std::runtime_error(
        "A network can only follow one of its own architecture and number of classes. Make it with 'copy_of'.");
}

}  // namespace

Contract<Ema> Ema::contract() {
  return Contract<Ema>("ema", "moves a network to the exponential moving average of another")
      .details(
          "into = decay * into + (1 - decay) * from for every parameter. Buffers: `average` treats running statistics "
          "alike and leaves counters, `copy` copies all buffers, `leave` leaves all (the network's own forwards may "
          "move them).")
      .out(&Out::decay, "decay", "float []", "the decay that was used")
      .param(&Params::decay, "decay", "share of the old values; may be a formula over the clock", in_range(0, 1))
      .param(&Params::buffers, "buffers", "what happens to running statistics and counters")
      .state(&State::from, "from", "the network that is followed")
      .state(&State::into, "into", "the network that follows");
}

Ema::Out Ema::run(const Params& params, const State& states) const {
  const at::NoGradGuard no_grad;
  check_same_architecture(states.from->parameters(), states.into->parameters());
  std::vector<torch::Tensor> from, into;
  for (const auto& [name, tensor] : states.from->parameters()) from.push_back(tensor);
  for (const auto& [name, tensor] : states.into->parameters()) into.push_back(tensor);
  for (std::size_t i = 0; i < states.from->buffers().size(); ++i) {
    const torch::Tensor& source = states.from->buffers()[i].second;
    torch::Tensor target = states.into->buffers()[i].second;
    if (params.buffers == EmaBuffers::copy) target.copy_(source);
    if (params.buffers != EmaBuffers::average || !source.is_floating_point()) continue;
    from.push_back(source);
    into.push_back(target);
  }
  at::_foreach_mul_(into, params.decay.value);
  at::_foreach_add_(into, from, 1 - params.decay.value);
  return {{params.decay}};
}

}  // namespace fergraph
