// The loops of batch normalisation with a rectifier behind it, over maps whose channels lie side by side: [rows,
// channels], a row being a position of an image. Plain float32 without LibTorch; no loop sums across vector lanes, so a
// result does not depend on the processor.
#pragma once

#include <cstdint>

namespace fergraph {

/// Rows whose moments are taken together; those of a batch are made of them in order, whatever the number of threads.
inline constexpr std::int64_t norm_chunk = 64;

/// Of `rows` rows, per channel: the mean, and the sum of squared differences from it.
void channel_moments(const float* x, std::int64_t rows, std::int64_t channels, float* mean, float* squares);

/// Of all rows, from the moments of their chunks in order (Chan, Golub & LeVeque, 1983): mean and biased variance.
void merge_moments(const float* means, const float* squares, std::int64_t rows, std::int64_t channels, double* mean,
                   double* variance);

/// total[c] = sum over chunks of partial[chunk, c].
void add_chunks(const float* partial, std::int64_t chunks, std::int64_t channels, double* total);

/// y = rectified(x * scale + shift + shortcut): negative values (not NaN) times `slope`. No shortcut: null.
void scale_and_rectify(const float* x, const float* shortcut, std::int64_t rows, std::int64_t channels,
                       const float* scale, const float* shift, float slope, float* y);

/// With g = dy where y is positive, else slope * dy, per channel: sums of g, and of g * (x - mean). At slope
/// 1 any numbers will do for `y`.
void gradient_sums(const float* dy, const float* y, const float* x, std::int64_t rows, std::int64_t channels,
                   const float* mean, float slope, float* sum, float* product);

/// dx = g * scale - (x - mean) * tilt - level, and g itself where `dshortcut` is not null.
void gradients_of_maps(const float* dy, const float* y, const float* x, std::int64_t rows, std::int64_t channels,
                       const float* mean, const float* scale, const float* tilt, const float* level, float slope,
                       float* dx, float* dshortcut);

}  // namespace fergraph
