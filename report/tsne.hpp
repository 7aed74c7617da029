// Features as points in the plane whose neighbours are those of the many dimensions: t-SNE (van der Maaten and Hinton,
// "Visualizing Data using t-SNE", JMLR 9, 2008), with principal components before it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fergraph {

/// `rows` * `columns` numbers, row by row.
struct FeatureTable {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<float> values;
};

/// The rows in coordinates of their `count` (or fewer, where there are no more) directions of largest variance, the
/// largest first, about their mean. Of each direction the largest part is positive, so that nothing is left to chance.
FeatureTable principal_components(const FeatureTable& features, std::int64_t count);

struct TsneOptions {
  double perplexity = 30;          // at most a third of the other points
  int iterations = 750;            // of which the first 250 exaggerate
  double early_exaggeration = 12;  // the factor on the similarities of the many dimensions
};

struct PlanePoint {
  double x = 0;
  double y = 0;
};

/// One point per row. Exact: every pair is looked at, so time and memory grow with the square of the rows (2,000 rows
/// take seconds and some 30 MB). Begins with the first two columns, which principal_components has made the widest, and
/// draws nothing: the same for any number of threads. Fewer than 4 rows are laid out by these columns alone.
std::vector<PlanePoint> tsne(const FeatureTable& features, const TsneOptions& options = {});

/// How far the nearest neighbours in the plane are neighbours in the many dimensions too, 0 to 1 (Venna and Kaski,
/// "Neighborhood preservation in nonlinear projection methods", ICANN 2001, eq. 1); a random layout has about a half.
/// `neighbours` is below half of the rows.
double trustworthiness(const FeatureTable& features, std::span<const PlanePoint> points, std::int64_t neighbours);

}  // namespace fergraph
