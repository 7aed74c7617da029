#include "nodes/network/initialise.hpp"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "nodes/network/layers.hpp"

namespace fergraph {
namespace {

template <class Draw>
void fill(torch::Tensor tensor, Draw&& draw) {
  const at::NoGradGuard no_grad;
  const torch::Tensor host = torch::empty(tensor.sizes(), torch::kFloat32);
  float* const numbers = host.data_ptr<float>();
  for (std::int64_t i = 0; i < host.numel(); ++i) numbers[i] = static_cast<float>(draw());
  tensor.copy_(host);
}

struct Fans {
  double in = 0;
  double out = 0;
};

Fans fans_of(const torch::Tensor& weight) {
  const auto window = static_cast<double>(weight.dim() > 2 ? weight.size(2) * weight.size(3) : 1);
  return {static_cast<double>(weight.size(1)) * window, static_cast<double>(weight.size(0)) * window};
}

void draw(const torch::Tensor& numbers, Init init, const Fans& fans, Random& random) {
  if (!numbers.defined()) return;
  const auto normal = [&](double deviation) { fill(numbers, [&] { return deviation * random.normal(); }); };
  switch (init) {
    case Init::uniform_fan_in: {
      const double bound = 1.0 / std::sqrt(fans.in);
      return fill(numbers, [&] { return random.uniform(-bound, bound); });
    }
    case Init::normal_fan_out:
      return normal(std::sqrt(2.0 / fans.out));
    case Init::normal_fan_sum:
      return normal(std::sqrt(2.0 / (fans.in + fans.out)));
    case Init::normal_tenth:
      return normal(0.1);
    case Init::normal_hundredth:
      return normal(0.01);
    case Init::zero:
      return fill(numbers, [] { return 0.0; });
  }
}

}  // namespace

void initialise(const torch::nn::Module& network, const InitScheme& scheme, Random& random) {
  for (const auto& module : network.modules(/*include_self=*/false)) {
    if (const auto* convolution = dynamic_cast<const Convolution*>(module.get())) {
      const Fans fans = fans_of(convolution->weight());
      draw(convolution->weight(), scheme.convolution, fans, random);
      draw(convolution->bias(), scheme.convolution_bias, fans, random);
    } else if (const auto* linear = dynamic_cast<const Linear*>(module.get())) {
      const Fans fans = fans_of(linear->weight());
      draw(linear->weight(), scheme.linear, fans, random);
      draw(linear->bias(), scheme.linear_bias, fans, random);
    }
  }
}

}  // namespace fergraph
