#include "nodes/update/optimize.hpp"

#include <ATen/core/grad_mode.h>
#include <torch/autograd.h>

#include <cmath>

#include "nodes/loss/zero_gradient.hpp"

namespace fergraph {
namespace {

using Tensors = std::vector<torch::Tensor>;

// float [], the L2 norm over all gradients that there are; 0 where there is none.
torch::Tensor norm_of(const Tensors& gradients) {
  Tensors defined;
  for (const torch::Tensor& gradient : gradients)
    if (gradient.defined()) defined.push_back(gradient);
  return defined.empty() ? torch::zeros({}) : torch::stack(at::_foreach_norm(defined)).norm();
}

// Zeros where a loss depends on a parameter, but its backward was skipped because it is known to be zero.
void fill_skipped(const torch::Tensor& loss, const Tensors& parameters, Tensors& gradients) {
  const auto defined = [](const torch::Tensor& gradient) { return gradient.defined(); };
  if (!loss.requires_grad() || std::all_of(gradients.begin(), gradients.end(), defined)) return;
  const std::vector<bool> belongs = reached(loss, parameters);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (belongs[i] && !gradients[i].defined()) gradients[i] = torch::zeros_like(parameters[i]);
}

void scale(Tensors& gradients, double factor) {
  if (factor == 1) return;
  for (torch::Tensor& gradient : gradients)
    // Not in place: a gradient may share its memory with another.
    if (gradient.defined()) gradient = gradient * factor;
}

std::string number_text(double number) { return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf"; }

[[noreturn]] void tell_not_finite(const Optimizer& optimizer, const Tensors& gradients, double loss) {
  std::string text = std::isfinite(loss) ? "" : "The loss is " + number_text(loss) + ".";
  for (std::size_t i = 0; text.empty() && i < gradients.size(); ++i)
    if (gradients[i].defined() && !gradients[i].isfinite().all().item<bool>())
      text = "The gradient of the loss is not finite, first in the parameter '" + optimizer.parameter_names()[i] + "'.";
  if (text.empty()) text = "The norm of the gradients of the loss is beyond float32.";
  const std::string value = optimizer.value_that_is_not_finite();
  if (value.empty()) throw NotFinite(text);
  throw NotFinite(text + " The network's own value '" + value + "' is not finite any more.", /*lasts=*/true);
}

}  // namespace

Contract<Optimize> Optimize::contract() {
  return Contract<Optimize>("optimize", "steps optimizers along the gradients of losses")
      .details(
          "The first loss belongs to the first optimizer, and so on. The gradients of all losses are computed before "
          "any optimizer steps, and a loss moves only the networks of its own optimizer. A loss without a gradient "
          "moves nothing. Where a loss or a gradient is NaN or infinite no optimizer steps, and the file's `on_nan` "
          "decides what follows; with scaled losses (fp16) a gradient that overflows first halves its scale, and only "
          "its own optimizer does not step. With clip_norm, gradients g of an optimizer become g * min(1, clip_norm / "
          "(norm + 1e-6)), the norm taken over all of them together (Pascanu et al., ICML 2013; as in "
          "torch.nn.utils.clip_grad_norm_).")
      .in(&In::loss, "loss", "float []", "one loss per optimizer")
      .out(&Out::rate, "rate", "float64 [O]", "the learning rates that were used")
      .out(&Out::norm, "norm", "float64 [O]", "norm of all gradients of each optimizer, before they were clipped")
      .out(&Out::scale, "scale", "float64 [O]", "what each loss was multiplied by; 1 where losses are not scaled")
      .param(&Params::clip_norm, "clip_norm", "largest norm of an optimizer's gradients; 0: any. May be a formula",
             at_least(0))
      .state(&State::optimizer, "optimizer", "the optimizers; they write their networks")
      .in_pairs("optimizer", "loss");
}

Optimize::Out Optimize::run(const In& in, const Params& params, const State& states) const {
  const std::size_t count = states.optimizer.size();
  if (in.loss.size() != count)
    throw std::runtime_error("There are " + std::to_string(in.loss.size()) + " losses for " + std::to_string(count) +
                             " optimizers. Give each optimizer one loss.");
  std::vector<Tensors> gradients(count);
  std::vector<double> scales(count, 1);
  Tensors looked_at;
  for (std::size_t i = 0; i < count; ++i) {
    const Tensors& parameters = states.optimizer[i]->parameters();
    const torch::Tensor& loss = in.loss[i].tensor;
    gradients[i].resize(parameters.size());
    if (const LossScaler* scaler = states.optimizer[i]->scaler()) scales[i] = scaler->scale();
    if (loss.requires_grad())
      // Later losses may share the graph: one forward may feed several of them.
      gradients[i] = torch::autograd::grad({scales[i] == 1 ? loss : loss * scales[i]}, parameters, {},
                                           /*retain_graph=*/i + 1 < count, /*create_graph=*/false,
                                           /*allow_unused=*/true);
    fill_skipped(loss, parameters, gradients[i]);
    // A loss without terms is on the host, whatever the networks are on.
    const torch::Device device = parameters.front().device();
    looked_at.push_back(loss.detach().reshape({}).to(device, torch::kFloat32));
    looked_at.push_back(norm_of(gradients[i]).to(device));
  }
  // The one place of a step where the host waits for the device.
  const torch::Tensor seen = torch::stack(looked_at).to(torch::kCPU, torch::kFloat64);
  std::vector<bool> steps(count, true);
  for (std::size_t i = 0; i < count; ++i) {
    const double* const loss_and_norm = seen.data_ptr<double>() + 2 * i;
    if (std::isfinite(loss_and_norm[0]) && std::isfinite(loss_and_norm[1])) continue;
    LossScaler* const scaler = states.optimizer[i]->scaler();
    if (!std::isfinite(loss_and_norm[0]) || !scaler || !scaler->note_overflow())
      tell_not_finite(*states.optimizer[i], gradients[i], loss_and_norm[0]);
    steps[i] = false;
  }
  std::vector<double> rates, norms;
  for (std::size_t i = 0; i < count; ++i) {
    norms.push_back(seen.data_ptr<double>()[2 * i + 1] / scales[i]);
    rates.push_back(states.optimizer[i]->rate());
    if (!steps[i]) continue;
    const double clip = params.clip_norm.value;
    scale(gradients[i], (clip > 0 ? std::min(1.0, clip / (norms.back() + 1e-6)) : 1.0) / scales[i]);
    states.optimizer[i]->step(gradients[i]);
    if (LossScaler* scaler = states.optimizer[i]->scaler()) scaler->note_finite();
  }
  const auto numbers = [](const std::vector<double>& values) {
    return Numbers{torch::tensor(values, torch::kFloat64)};
  };
  return {numbers(rates), numbers(norms), numbers(scales)};
}

}  // namespace fergraph
