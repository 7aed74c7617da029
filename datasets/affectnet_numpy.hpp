// AffectNet's NumPy release: cropped faces with one small array per annotation.
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// {train_set,val_set}/images/0.jpg and annotations/0_exp.npy (an integer, float or string, without a dimension or with
/// one), 0_lnd.npy (136 numbers, 68 points). No boxes. Valence and arousal (0_val.npy, 0_aro.npy) are not read.
struct AffectNetNumpy {
  static constexpr std::string_view layout = "affectnet_numpy";
  std::filesystem::path root;
  bool landmarks = true;  ///< whether 0_lnd.npy is read
  ClassChoice classes;

  /// Every image of the folders is a row, sorted by name. One without a class that can be read is kept without a label,
  /// with the reason as its problem.
  SampleTable read() const;
};

}  // namespace fergraph
