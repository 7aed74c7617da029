#include "report/tsne.hpp"

#include <ATen/ATen.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace fergraph {
namespace {

constexpr std::size_t lanes = 8;  // sums in as many parts, in a fixed order, for the compiler to do at once

template <class Body>
void for_rows(std::size_t rows, const Body& body) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, rows, 16), [&](const tbb::blocked_range<std::size_t>& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) body(i);
  });
}

// Squared Euclidean, n * n.
std::vector<float> squared_distances(const FeatureTable& features) {
  const auto n = static_cast<std::size_t>(features.rows);
  const auto d = static_cast<std::size_t>(features.columns);
  std::vector<float> distances(n * n);
  for_rows(n, [&](std::size_t i) {
    const float* a = features.values.data() + i * d;
    for (std::size_t j = 0; j < n; ++j) {
      const float* b = features.values.data() + j * d;
      float sum = 0;
      for (std::size_t k = 0; k < d; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
      distances[i * n + j] = sum;
    }
  });
  return distances;
}

// Turns row i of squared distances into the conditional similarities p(j|i) of this perplexity: a bisection over the
// precision of its Gaussian (their section 2).
void to_similarities(float* row, std::size_t n, std::size_t i, double perplexity) {
  const double wanted = std::log(perplexity);
  double least = std::numeric_limits<double>::max();
  for (std::size_t j = 0; j < n; ++j)
    if (j != i) least = std::min(least, static_cast<double>(row[j]));
  double precision = 1;
  double low = 0;
  double high = 0;  // 0: none yet
  std::vector<double> weights(n);
  double sum = 1;
  for (int round = 0; round < 200; ++round) {
    sum = 0;
    double mean = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double distance = row[j] - least;
      weights[j] = j == i ? 0 : std::exp(-precision * distance);
      sum += weights[j];
      mean += weights[j] * distance;
    }
    const double entropy = std::log(sum) + precision * mean / sum;
    if (std::abs(entropy - wanted) < 1e-5) break;
    if (entropy > wanted) {
      low = precision;
      precision = high > 0 ? (low + high) / 2 : precision * 2;
    } else {
      high = precision;
      precision = (low + high) / 2;
    }
    // Equal rows have an entropy that no precision changes.
    if (precision > 1e30 || precision < 1e-30) break;
  }
  for (std::size_t j = 0; j < n; ++j) row[j] = static_cast<float>(weights[j] / sum);
}

// Joint similarities, whose sum is 1.
std::vector<float> joint_similarities(const FeatureTable& features, double perplexity) {
  const auto n = static_cast<std::size_t>(features.rows);
  std::vector<float> p = squared_distances(features);
  for_rows(n, [&](std::size_t i) { to_similarities(p.data() + i * n, n, i, perplexity); });
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j)
      p[i * n + j] = p[j * n + i] = (p[i * n + j] + p[j * n + i]) / (2 * static_cast<float>(n));
  return p;
}

struct Forces {
  std::vector<float> attract_x, attract_y, repel_x, repel_y, sums;
};

// For each point the sums over all others of p q' (y_i - y_j), of q'² (y_i - y_j) and of q', with q' = 1/(1 + |y_i -
// y_j|²) (their eq. 5, before it is normalised). A point's pull on itself is 0.
void add_up(const std::vector<float>& p, const std::vector<float>& x, const std::vector<float>& y, Forces& forces) {
  const std::size_t n = x.size();
  for_rows(n, [&](std::size_t i) {
    std::array<std::array<float, lanes>, 5> sums{};
    const float* row = p.data() + i * n;
    const auto add = [&](std::size_t j, std::size_t lane) {
      const float dx = x[i] - x[j];
      const float dy = y[i] - y[j];
      const float q = 1 / (1 + dx * dx + dy * dy);
      const float pull = row[j] * q;
      const float push = q * q;
      sums[0][lane] += pull * dx;
      sums[1][lane] += pull * dy;
      sums[2][lane] += push * dx;
      sums[3][lane] += push * dy;
      sums[4][lane] += q;
    };
    std::size_t j = 0;
    for (; j + lanes <= n; j += lanes)
      for (std::size_t lane = 0; lane < lanes; ++lane) add(j + lane, lane);
    for (; j < n; ++j) add(j, 0);
    const auto total = [&](std::size_t which) { return std::accumulate(sums[which].begin(), sums[which].end(), 0.0F); };
    forces.attract_x[i] = total(0);
    forces.attract_y[i] = total(1);
    forces.repel_x[i] = total(2);
    forces.repel_y[i] = total(3);
    forces.sums[i] = total(4) - 1;  // without the point itself
  });
}

// One coordinate of all points, moved by gradient descent with momentum and a gain per number (Jacobs 1988), as their
// section 3.4 has it.
class Coordinate {
 public:
  explicit Coordinate(std::vector<float> start) : at(std::move(start)), speed_(at.size(), 0), gain_(at.size(), 1) {}

  void move(const std::vector<float>& attract, const std::vector<float>& repel, double exaggeration, double all,
            double rate, double momentum) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      const double gradient = 4 * (exaggeration * attract[i] - repel[i] / all);
      const bool turns = (gradient > 0) == (speed_[i] > 0);
      gain_[i] = std::max(0.01, turns ? gain_[i] * 0.8 : gain_[i] + 0.2);
      speed_[i] = momentum * speed_[i] - rate * gain_[i] * gradient;
      at[i] += static_cast<float>(speed_[i]);
    }
    const double mean = std::accumulate(at.begin(), at.end(), 0.0) / static_cast<double>(at.size());
    for (float& each : at) each -= static_cast<float>(mean);
  }

  std::vector<float> at;

 private:
  std::vector<double> speed_;
  std::vector<double> gain_;
};

// A column, brought to a standard deviation of 1e-4: a start by principal components keeps the coarse arrangement and
// needs no draw (Kobak and Berens, Nature Communications 10, 2019).
std::vector<float> small_column(const FeatureTable& features, std::int64_t column) {
  const auto n = static_cast<std::size_t>(features.rows);
  std::vector<float> values(n, 0);
  if (column >= features.columns) return values;
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = features.values[i * static_cast<std::size_t>(features.columns) + static_cast<std::size_t>(column)];
    squares += static_cast<double>(values[i]) * values[i];
  }
  const double deviation = std::sqrt(squares / static_cast<double>(n));
  if (deviation > 0)
    for (float& each : values) each = static_cast<float>(each * 1e-4 / deviation);
  return values;
}

// Indices of the other rows, the nearest first, ties by index.
std::vector<std::size_t> by_distance(const float* row, std::size_t n, std::size_t i) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(i));
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row[a] < row[b]; });
  return order;
}

}  // namespace

FeatureTable principal_components(const FeatureTable& features, std::int64_t count) {
  const std::int64_t n = features.rows;
  const std::int64_t d = features.columns;
  count = std::min({count, n, d});
  if (count <= 0) return {n, 0, {}};
  const at::Tensor table =
      at::from_blob(const_cast<float*>(features.values.data()), {n, d}, at::kFloat).to(at::kDouble);
  const at::Tensor centred = table - table.mean(0, /*keepdim=*/true);
  // The directions are eigenvectors of X'X; with fewer rows than columns they follow from those of XX', the smaller.
  at::Tensor coordinates;  // [n, count], the largest variance first
  if (d <= n) {
    const auto [values, vectors] = at::linalg_eigh(centred.t().matmul(centred));
    coordinates = centred.matmul(vectors.narrow(1, d - count, count).flip(1));
  } else {
    const auto [values, vectors] = at::linalg_eigh(centred.matmul(centred.t()));
    coordinates =
        (vectors.narrow(1, n - count, count) * values.narrow(0, n - count, count).clamp_min(0).sqrt()).flip(1);
  }
  const at::Tensor largest = coordinates.gather(0, coordinates.abs().argmax(0, /*keepdim=*/true));
  coordinates = (coordinates * at::where(largest < 0, -1.0, 1.0)).to(at::kFloat).contiguous();
  const float* first = coordinates.data_ptr<float>();
  return {n, count, std::vector<float>(first, first + coordinates.numel())};
}

std::vector<PlanePoint> tsne(const FeatureTable& features, const TsneOptions& options) {
  const auto n = static_cast<std::size_t>(features.rows);
  Coordinate x(small_column(features, 0));
  Coordinate y(small_column(features, 1));
  if (n >= 4) {
    const double perplexity = std::clamp(options.perplexity, 1.0, std::max(1.0, static_cast<double>(n - 1) / 3));
    const std::vector<float> p = joint_similarities(features, perplexity);
    Forces forces{std::vector<float>(n), std::vector<float>(n), std::vector<float>(n), std::vector<float>(n),
                  std::vector<float>(n)};
    // Their exaggerated phase, and a rate that grows with the number of points (Belkina et al., Nature Communications
    // 10, 2019).
    const int exaggerated = options.iterations / 3;
    const double rate = std::max(static_cast<double>(n) / options.early_exaggeration / 4, 50.0);
    for (int iteration = 0; iteration < options.iterations; ++iteration) {
      add_up(p, x.at, y.at, forces);
      const double all = std::accumulate(forces.sums.begin(), forces.sums.end(), 0.0);
      const double exaggeration = iteration < exaggerated ? options.early_exaggeration : 1;
      const double momentum = iteration < exaggerated ? 0.5 : 0.8;
      x.move(forces.attract_x, forces.repel_x, exaggeration, all, rate, momentum);
      y.move(forces.attract_y, forces.repel_y, exaggeration, all, rate, momentum);
    }
  }
  std::vector<PlanePoint> points(n);
  for (std::size_t i = 0; i < n; ++i) points[i] = {x.at[i], y.at[i]};
  return points;
}

double trustworthiness(const FeatureTable& features, std::span<const PlanePoint> points, std::int64_t neighbours) {
  const std::size_t n = points.size();
  const auto k = static_cast<std::size_t>(neighbours);
  FeatureTable plane{features.rows, 2, {}};
  for (const PlanePoint& point : points) {
    plane.values.push_back(static_cast<float>(point.x));
    plane.values.push_back(static_cast<float>(point.y));
  }
  const std::vector<float> far = squared_distances(features);
  const std::vector<float> near = squared_distances(plane);
  std::vector<double> penalties(n, 0);
  for_rows(n, [&](std::size_t i) {
    const std::vector<std::size_t> true_order = by_distance(far.data() + i * n, n, i);
    std::vector<std::size_t> rank(n, 0);
    for (std::size_t r = 0; r < true_order.size(); ++r) rank[true_order[r]] = r + 1;
    const std::vector<std::size_t> shown = by_distance(near.data() + i * n, n, i);
    for (std::size_t r = 0; r < k && r < shown.size(); ++r)
      if (rank[shown[r]] > k) penalties[i] += static_cast<double>(rank[shown[r]] - k);
  });
  const double rows = static_cast<double>(n);
  const double near_ones = static_cast<double>(k);
  const double sum = std::accumulate(penalties.begin(), penalties.end(), 0.0);
  return 1 - 2 / (rows * near_ones * (2 * rows - 3 * near_ones - 1)) * sum;
}

}  // namespace fergraph
