#include "nodes/network/batch_norm.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/autograd.h>

#include <stdexcept>

#include "nodes/network/norm_loops.hpp"
#include "nodes/tensor_blob.hpp"

namespace fergraph {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;

constexpr auto channels_last = torch::MemoryFormat::ChannelsLast;

bool loops_take(const Tensor& maps) {
  return maps.is_cpu() && maps.scalar_type() == torch::kFloat32 && maps.dim() == 4 && maps.is_contiguous(channels_last);
}

float* floats(const Tensor& tensor) { return tensor.data_ptr<float>(); }

// Maps as rows of channels, in chunks of norm_chunk rows.
struct Rows {
  std::int64_t channels, rows, chunks;

  explicit Rows(const Tensor& maps)
      : channels(maps.size(1)), rows(maps.numel() / channels), chunks((rows + norm_chunk - 1) / norm_chunk) {}

  // body(where the chunk's maps begin, its rows, where its sums begin), by several threads.
  template <class Body>
  void each_chunk(const Body& body) const {
    const std::int64_t grain = std::max<std::int64_t>(1, at::internal::GRAIN_SIZE / (norm_chunk * channels));
    at::parallel_for(0, chunks, grain, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t k = first; k < last; ++k)
        body(k * norm_chunk * channels, std::min(norm_chunk, rows - k * norm_chunk), k * channels);
    });
  }

  Tensor sums() const { return torch::empty({chunks, channels}); }
};

// Per channel, of what maps are normalised with.
struct Moments {
  Tensor mean, variance;  // float64 [C]; the variance is biased

  Tensor inverse_deviation(double eps) const { return (variance + eps).rsqrt_(); }
};

Moments moments_of(const Tensor& maps) {
  const Rows rows(maps);
  const Tensor means = rows.sums(), squares = rows.sums();
  const float* const x = floats(maps);
  float *const mean = floats(means), *const square = floats(squares);
  rows.each_chunk([&](std::int64_t at, std::int64_t count, std::int64_t sum) {
    channel_moments(x + at, count, rows.channels, mean + sum, square + sum);
  });
  Moments all{torch::empty({rows.channels}, torch::kFloat64), torch::empty({rows.channels}, torch::kFloat64)};
  merge_moments(mean, square, rows.rows, rows.channels, all.mean.data_ptr<double>(), all.variance.data_ptr<double>());
  return all;
}

Tensor like(const Tensor& maps) { return torch::empty_like(maps, maps.options().memory_format(channels_last)); }

Tensor normalised(const Tensor& maps, const Tensor& weight, const Tensor& bias, const Tensor& mean,
                  const Tensor& inverse_deviation, const Rectifier& rectifier) {
  const Rows rows(maps);
  std::vector<float> scale(rows.channels), shift(rows.channels);
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    const double factor = floats(weight)[c] * inverse_deviation.data_ptr<double>()[c];
    scale[c] = static_cast<float>(factor);
    shift[c] = static_cast<float>(floats(bias)[c] - mean.data_ptr<double>()[c] * factor);
  }
  Tensor result = like(maps);
  const float* const x = floats(maps);
  const float* const shortcut = rectifier.shortcut.defined() ? floats(rectifier.shortcut) : nullptr;
  float* const y = floats(result);
  rows.each_chunk([&](std::int64_t at, std::int64_t count, std::int64_t) {
    scale_and_rectify(x + at, shortcut ? shortcut + at : nullptr, count, rows.channels, scale.data(), shift.data(),
                      static_cast<float>(rectifier.slope), y + at);
  });
  return result;
}

struct NormaliseAndRectify : torch::autograd::Function<NormaliseAndRectify> {
  static Tensor forward(AutogradContext* context, const Tensor& maps, const Tensor& weight, const Tensor& bias,
                        const c10::optional<Tensor>& shortcut, const Tensor& mean, const Tensor& inverse_deviation,
                        double slope) {
    Tensor result = normalised(maps, weight, bias, mean, inverse_deviation, {slope, shortcut.value_or(Tensor())});
    context->set_materialize_grads(false);
    context->saved_data["slope"] = slope;
    context->saved_data["shortcut"] = shortcut.has_value();
    context->save_for_backward({maps, slope == 1 ? Tensor() : result, weight, mean, inverse_deviation});
    return result;
  }

  static torch::autograd::variable_list backward(AutogradContext* context, torch::autograd::variable_list gradients) {
    if (!gradients[0].defined()) return torch::autograd::variable_list(7);
    const auto saved = context->get_saved_variables();
    const Tensor &maps = saved[0], &result = saved[1], &weight = saved[2];
    const double *const mean = saved[3].data_ptr<double>(), *const inverse = saved[4].data_ptr<double>();
    const auto slope = static_cast<float>(context->saved_data["slope"].toDouble());
    const Tensor gradient = gradients[0].contiguous(channels_last);
    const Rows rows(maps);
    const float *const dy = floats(gradient), *const x = floats(maps);
    const float* const y = result.defined() ? floats(result) : dy;
    const std::vector<float> centre(mean, mean + rows.channels);
    const Tensor sums = rows.sums(), products = rows.sums();
    float *const sum = floats(sums), *const product = floats(products);
    rows.each_chunk([&](std::int64_t at, std::int64_t count, std::int64_t k) {
      gradient_sums(dy + at, y + at, x + at, count, rows.channels, centre.data(), slope, sum + k, product + k);
    });
    std::vector<double> all_sum(rows.channels), all_product(rows.channels);
    add_chunks(sum, rows.chunks, rows.channels, all_sum.data());
    add_chunks(product, rows.chunks, rows.channels, all_product.data());
    Tensor dweight = torch::empty_like(weight), dbias = torch::empty_like(weight);
    std::vector<float> scale(rows.channels), tilt(rows.channels), level(rows.channels);
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const double factor = floats(weight)[c] * inverse[c], share = factor / static_cast<double>(rows.rows);
      floats(dweight)[c] = static_cast<float>(all_product[c] * inverse[c]);
      floats(dbias)[c] = static_cast<float>(all_sum[c]);
      scale[c] = static_cast<float>(factor);
      tilt[c] = static_cast<float>(share * inverse[c] * inverse[c] * all_product[c]);
      level[c] = static_cast<float>(share * all_sum[c]);
    }
    Tensor dmaps = like(maps);
    const Tensor dshortcut = context->saved_data["shortcut"].toBool() ? like(maps) : Tensor();
    float *const dx = floats(dmaps), *const passed = dshortcut.defined() ? floats(dshortcut) : nullptr;
    rows.each_chunk([&](std::int64_t at, std::int64_t count, std::int64_t) {
      gradients_of_maps(dy + at, y + at, x + at, count, rows.channels, centre.data(), scale.data(), tilt.data(),
                        level.data(), slope, dx + at, passed ? passed + at : nullptr);
    });
    return {dmaps, dweight, dbias, dshortcut, {}, {}, {}};
  }
};

}  // namespace

BatchNorm::BatchNorm(std::int64_t channels, const BatchNormShape& shape)
    : shape_(shape),
      weight_(shape.learns_scale ? register_parameter("weight", torch::ones({channels}))
                                 : register_buffer("weight", torch::ones({channels}))),
      bias_(register_parameter("bias", torch::zeros({channels}))),
      running_mean_(register_buffer("running_mean", torch::zeros({channels}))),
      running_var_(register_buffer("running_var", torch::ones({channels}))),
      num_batches_tracked_(register_buffer("num_batches_tracked", torch::zeros({}, torch::kInt64))) {}

Tensor BatchNorm::forward(const Tensor& maps, NormMode mode) const { return rectified(maps, mode, {.slope = 1}); }

Tensor BatchNorm::rectified(const Tensor& maps, NormMode mode, const Rectifier& rectifier) const {
  const bool batch_statistics = mode != NormMode::running;
  const std::int64_t values = maps.numel() / maps.size(1);
  // The unbiased variance of one value would put NaN into the running one.
  if (batch_statistics && values == 1)
    throw std::runtime_error(
        "Batch normalisation with the statistics of the batch needs more than one value per channel, but these maps "
        "are " +
        shape_text(maps.sizes().vec()) + ". Use more than one image per batch, larger images, or 'mode: eval'.");
  if (mode == NormMode::update) Tensor(num_batches_tracked_).add_(1);
  const Tensor& shortcut = rectifier.shortcut;
  const bool in_one_pass = loops_take(maps) && (!shortcut.defined() || loops_take(shortcut)) && values > 0;
  if (in_one_pass && batch_statistics) {
    const Moments moments = moments_of(maps);
    if (mode == NormMode::update) {
      const auto count = static_cast<double>(values);
      Tensor(running_mean_).lerp_(moments.mean.to(torch::kFloat32), shape_.momentum);
      Tensor(running_var_).lerp_((moments.variance * (count / (count - 1))).to(torch::kFloat32), shape_.momentum);
    }
    const auto added = shortcut.defined() ? c10::optional<Tensor>(shortcut) : c10::nullopt;
    return NormaliseAndRectify::apply(maps, weight_, bias_, added, moments.mean, moments.inverse_deviation(shape_.eps),
                                      rectifier.slope);
  }
  if (in_one_pass && !at::GradMode::is_enabled()) {
    const Moments moments{running_mean_.to(torch::kFloat64), running_var_.to(torch::kFloat64)};
    return normalised(maps, weight_, bias_, moments.mean, moments.inverse_deviation(shape_.eps), rectifier);
  }
  const bool pass_buffers = mode != NormMode::leave;
  Tensor result = torch::batch_norm(maps, weight_, bias_, pass_buffers ? running_mean_ : Tensor(),
                                    pass_buffers ? running_var_ : Tensor(), batch_statistics, shape_.momentum,
                                    shape_.eps, at::globalContext().userEnabledCuDNN());
  if (shortcut.defined()) result = result + shortcut;
  if (rectifier.slope == 1) return result;
  return rectifier.slope == 0 ? torch::relu(result) : torch::leaky_relu(result, rectifier.slope);
}

}  // namespace fergraph
