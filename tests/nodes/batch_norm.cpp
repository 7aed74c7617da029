// Batch normalisation with its rectifier in one pass, against LibTorch's operations one after the other.
#include "nodes/network/batch_norm.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <limits>

#include "tests/nodes/surroundings.hpp"

namespace fergraph::test {
namespace {

constexpr auto channels_last = torch::MemoryFormat::ChannelsLast;

struct Case {
  std::vector<std::int64_t> sizes;
  double slope;
  bool has_shortcut;
};

// Sizes around the chunks' 64 rows, channels that fill no vector, one channel, one position.
const std::vector<Case> cases = {{{2, 5, 3, 3}, 0, false},     {{4, 16, 4, 4}, 0, true},   {{3, 33, 7, 5}, 0.1, false},
                                 {{5, 64, 13, 1}, 0.25, true}, {{7, 1, 9, 9}, 0, false},   {{65, 8, 1, 1}, 1, false},
                                 {{2, 130, 12, 12}, 1, true},  {{16, 32, 28, 28}, 0, true}};

torch::Tensor leaf(const torch::Tensor& values) {
  return values.clone(torch::MemoryFormat::Preserve).detach().requires_grad_();
}

struct Numbers {
  torch::Tensor result;
  std::vector<torch::Tensor> gradients;  // of maps, weight, bias and shortcut
  std::vector<torch::Tensor> buffers;
};

std::shared_ptr<BatchNorm> made(std::int64_t channels) {
  torch::manual_seed(3);
  auto norm = std::make_shared<BatchNorm>(channels, BatchNormShape{.eps = 1e-4, .momentum = 0.3});
  const at::NoGradGuard no_grad;
  for (auto& entry : norm->named_parameters()) entry.value().copy_(torch::randn({channels}));
  norm->named_buffers()["running_mean"].copy_(torch::randn({channels}));
  norm->named_buffers()["running_var"].copy_(torch::rand({channels}) + 0.5);
  return norm;
}

// `way` makes the result of a norm, maps and a shortcut.
template <class Way>
Numbers numbers_of(const Case& each, torch::MemoryFormat format, const Way& way) {
  const auto norm = made(each.sizes[1]);
  torch::manual_seed(5);
  const torch::Tensor maps = leaf((torch::randn(each.sizes) * 3 + 2).contiguous(format));
  const torch::Tensor shortcut =
      each.has_shortcut ? leaf(torch::randn(each.sizes).contiguous(format)) : torch::Tensor();
  const torch::Tensor slope_of_loss = torch::randn(each.sizes);
  Numbers numbers;
  numbers.result = way(*norm, maps, shortcut);
  std::vector<torch::Tensor> inputs = {maps};
  for (const torch::Tensor& parameter : norm->parameters()) inputs.push_back(parameter);
  if (each.has_shortcut) inputs.push_back(shortcut);
  numbers.gradients = torch::autograd::grad({(numbers.result * slope_of_loss).sum()}, inputs);
  for (const torch::Tensor& buffer : norm->buffers()) numbers.buffers.push_back(buffer.clone());
  return numbers;
}

double apart(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max().clamp_min(1e-6)).item<double>();
}

std::string told(const Case& each) {
  std::string text = "slope " + std::to_string(each.slope) + (each.has_shortcut ? ", shortcut," : ",");
  for (const std::int64_t size : each.sizes) text += " " + std::to_string(size);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch_norm)

BOOST_AUTO_TEST_CASE(one_pass_equals_the_operations_one_after_the_other) {
  for (const Case& each : cases)
    for (const NormMode mode : {NormMode::update, NormMode::leave}) {
      const auto ours = [&](const BatchNorm& norm, const torch::Tensor& maps, const torch::Tensor& shortcut) {
        return norm.rectified(maps, mode, {each.slope, shortcut});
      };
      // In double precision.
      const auto theirs = [&](BatchNorm& norm, const torch::Tensor& maps, const torch::Tensor& shortcut) {
        const auto values = norm.named_parameters();
        const auto buffers = norm.named_buffers();
        torch::Tensor mean = buffers["running_mean"].to(torch::kFloat64),
                      var = buffers["running_var"].to(torch::kFloat64);
        torch::Tensor result = torch::batch_norm(maps.to(torch::kFloat64), values["weight"].to(torch::kFloat64),
                                                 values["bias"].to(torch::kFloat64), mean, var, true, 0.3, 1e-4, false);
        if (mode == NormMode::update) {
          buffers["running_mean"].copy_(mean);
          buffers["running_var"].copy_(var);
          buffers["num_batches_tracked"].add_(1);
        }
        if (shortcut.defined()) result = result + shortcut;
        return torch::leaky_relu(result, each.slope).to(torch::kFloat32);
      };
      const Numbers a = numbers_of(each, channels_last, ours), b = numbers_of(each, channels_last, theirs);
      BOOST_TEST(a.result.is_contiguous(channels_last));
      BOOST_TEST(apart(a.result, b.result) < 2e-6, told(each));
      BOOST_REQUIRE(a.gradients.size() == b.gradients.size());
      for (std::size_t i = 0; i < a.gradients.size(); ++i)
        BOOST_TEST(apart(a.gradients[i], b.gradients[i]) < 1e-5, told(each) << ", gradient " << i);
      for (std::size_t i = 0; i < a.buffers.size(); ++i)
        BOOST_TEST(apart(a.buffers[i].to(torch::kFloat64), b.buffers[i].to(torch::kFloat64)) < 1e-6, told(each));
      // The other order of memory goes through the operations.
      const Numbers c = numbers_of(each, torch::MemoryFormat::Contiguous, ours);
      BOOST_TEST(apart(c.result, b.result) < 1e-5, told(each));
    }
}

BOOST_AUTO_TEST_CASE(running_statistics_in_one_pass_equal_the_operations) {
  for (const Case& each : cases) {
    const auto norm = made(each.sizes[1]);
    torch::manual_seed(5);
    const torch::Tensor maps = torch::randn(each.sizes).contiguous(channels_last);
    const torch::Tensor shortcut =
        each.has_shortcut ? torch::randn(each.sizes).contiguous(channels_last) : torch::Tensor();
    const auto result = [&] { return norm->rectified(maps, NormMode::running, {each.slope, shortcut}).detach(); };
    const torch::Tensor operations = result();
    const at::NoGradGuard no_grad;
    BOOST_TEST(apart(result(), operations) < 2e-6, told(each));
  }
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_changes_no_bit) {
  const auto ours = [&](const BatchNorm& norm, const torch::Tensor& maps, const torch::Tensor& shortcut) {
    return norm.rectified(maps, NormMode::update, {0, shortcut});
  };
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Numbers one = numbers_of(cases.back(), channels_last, ours);
  at::set_num_threads(3);
  const Numbers three = numbers_of(cases.back(), channels_last, ours);
  at::set_num_threads(threads);
  BOOST_TEST(torch::equal(one.result, three.result));
  for (std::size_t i = 0; i < one.gradients.size(); ++i) BOOST_TEST(torch::equal(one.gradients[i], three.gradients[i]));
  for (std::size_t i = 0; i < one.buffers.size(); ++i) BOOST_TEST(torch::equal(one.buffers[i], three.buffers[i]));
}

BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_so) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    torch::Tensor maps = torch::randn({2, 3, 4, 4}).contiguous(channels_last);
    maps[1][1][2][2] = bad;
    const torch::Tensor result = made(3)->rectified(maps, NormMode::leave);
    BOOST_TEST(result.select(1, 1).isnan().all().item<bool>());
    BOOST_TEST(result.select(1, 0).isfinite().all().item<bool>());
  }
}

BOOST_AUTO_TEST_CASE(a_large_mean_costs_no_precision) {
  const torch::Tensor maps = (torch::randn({8, 4, 16, 16}, torch::kFloat64) + 1000).to(torch::kFloat32);
  const torch::Tensor result = std::make_shared<BatchNorm>(4)->forward(maps.contiguous(channels_last), NormMode::leave);
  const torch::Tensor wide = maps.to(torch::kFloat64);
  const torch::Tensor mean = wide.mean(std::vector<std::int64_t>{0, 2, 3}, true);
  const torch::Tensor variance = (wide - mean).square().mean(std::vector<std::int64_t>{0, 2, 3}, true);
  BOOST_TEST(((result - (wide - mean) / (variance + 1e-5).sqrt()).abs().max().item<double>()) < 2e-4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fergraph::test
