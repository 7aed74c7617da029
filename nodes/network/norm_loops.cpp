#include "nodes/network/norm_loops.hpp"

#include <algorithm>

#include "nodes/vectorised.hpp"

namespace fergraph {

FERGRAPH_VECTORISED void channel_moments(const float* x, std::int64_t rows, std::int64_t channels,
                                         float* __restrict mean, float* __restrict squares) {
  std::fill_n(mean, channels, 0.0F);
  std::fill_n(squares, channels, 0.0F);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const values = x + row * channels;
    for (std::int64_t c = 0; c < channels; ++c) mean[c] += values[c];
  }
  const float share = 1.0F / static_cast<float>(rows);
  for (std::int64_t c = 0; c < channels; ++c) mean[c] *= share;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const values = x + row * channels;
    for (std::int64_t c = 0; c < channels; ++c) squares[c] += (values[c] - mean[c]) * (values[c] - mean[c]);
  }
}

FERGRAPH_VECTORISED void merge_moments(const float* means, const float* squares, std::int64_t rows,
                                       std::int64_t channels, double* __restrict mean, double* __restrict variance) {
  const std::int64_t chunks = (rows + norm_chunk - 1) / norm_chunk;
  const auto count = [&](std::int64_t chunk) {
    return static_cast<double>(std::min(norm_chunk, rows - chunk * norm_chunk));
  };
  std::fill_n(mean, channels, 0.0);
  std::fill_n(variance, channels, 0.0);
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
    const double weight = count(chunk) / static_cast<double>(rows);
    for (std::int64_t c = 0; c < channels; ++c) mean[c] += weight * means[chunk * channels + c];
  }
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
    const double rows_here = count(chunk);
    for (std::int64_t c = 0; c < channels; ++c) {
      const double away = means[chunk * channels + c] - mean[c];
      variance[c] += squares[chunk * channels + c] + rows_here * away * away;
    }
  }
  for (std::int64_t c = 0; c < channels; ++c) variance[c] /= static_cast<double>(rows);
}

FERGRAPH_VECTORISED void add_chunks(const float* partial, std::int64_t chunks, std::int64_t channels,
                                    double* __restrict total) {
  std::fill_n(total, channels, 0.0);
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
    for (std::int64_t c = 0; c < channels; ++c) total[c] += partial[chunk * channels + c];
}

FERGRAPH_VECTORISED void scale_and_rectify(const float* x, const float* shortcut, std::int64_t rows,
                                           std::int64_t channels, const float* __restrict scale,
                                           const float* __restrict shift, float slope, float* __restrict y) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const values = x + row * channels;
    float* __restrict const result = y + row * channels;
    if (shortcut) {
      const float* const added = shortcut + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float value = values[c] * scale[c] + shift[c] + added[c];
        result[c] = value <= 0 ? slope * value : value;
      }
    } else {
      for (std::int64_t c = 0; c < channels; ++c) {
        const float value = values[c] * scale[c] + shift[c];
        result[c] = value <= 0 ? slope * value : value;
      }
    }
  }
}

FERGRAPH_VECTORISED void gradient_sums(const float* dy, const float* y, const float* x, std::int64_t rows,
                                       std::int64_t channels, const float* __restrict mean, float slope,
                                       float* __restrict sum, float* __restrict product) {
  std::fill_n(sum, channels, 0.0F);
  std::fill_n(product, channels, 0.0F);
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const gradient = dy + row * channels;
    const float* const values = x + row * channels;
    const float* const results = y + row * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float g = results[c] <= 0 ? slope * gradient[c] : gradient[c];
      sum[c] += g;
      product[c] += g * (values[c] - mean[c]);
    }
  }
}

FERGRAPH_VECTORISED void gradients_of_maps(const float* dy, const float* y, const float* x, std::int64_t rows,
                                           std::int64_t channels, const float* __restrict mean,
                                           const float* __restrict scale, const float* __restrict tilt,
                                           const float* __restrict level, float slope, float* __restrict dx,
                                           float* __restrict dshortcut) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const gradient = dy + row * channels;
    const float* const values = x + row * channels;
    const float* const results = y + row * channels;
    float* __restrict const moved = dx + row * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const float g = results[c] <= 0 ? slope * gradient[c] : gradient[c];
      moved[c] = g * scale[c] - (values[c] - mean[c]) * tilt[c] - level[c];
    }
    if (dshortcut) {
      float* __restrict const passed = dshortcut + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) passed[c] = results[c] <= 0 ? slope * gradient[c] : gradient[c];
    }
  }
}

}  // namespace fergraph
