// ExpW, expressions in the wild (Zhang, Luo, Loy and Tang, IJCV 2018).
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// label.lst with lines `angry_actor_104.jpg 0 28 113 226 141 22.9362 0`: name, number of the face, top, left, right,
/// bottom, the detector's confidence, class (0 anger, 1 disgust, 2 fear, 3 happiness, 4 sadness, 5 surprise, 6
/// neutral). Names repeat: an image has as many rows as faces.
struct Expw {
  static constexpr std::string_view layout = "expw";
  std::filesystem::path labels;  ///< label.lst
  std::filesystem::path images;  ///< the folder of the images; empty: `image` or `origin` beside the list, else its own
  ClassChoice classes;

  /// Ids are `name#face`. There are no splits. A box without area makes the sample a problem.
  SampleTable read() const;
};

}  // namespace fergraph
