// CK+, the extended Cohn-Kanade data set (Lucey et al., CVPR Workshops 2010): sequences from neutral to an expression.
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// cohn-kanade-images/S005/001/S005_001_00000011.png; Emotion/S005/001/S005_001_00000011_emotion.txt with one number
/// such as `   3.0000000e+00` (0 neutral, 1 anger, 2 contempt, 3 disgust, 4 fear, 5 happiness, 6 sadness, 7 surprise);
/// where they are there, Landmarks/S005/001/S005_001_00000011_landmarks.txt with 68 lines x y.
struct CkPlus {
  static constexpr std::string_view layout = "ck_plus";
  std::filesystem::path root;
  /// How many frames at the end of a labeled sequence are taken as its expression.
  int peak_frames = 1;
  /// Whether the first frame of every labeled sequence is taken as neutral.
  bool neutral = true;
  ClassChoice classes;

  /// Sequences without a label (266 of 593 in the published set) are counted in a warning. There are no splits; the
  /// subject is the first folder of the path.
  SampleTable read() const;
};

}  // namespace fergraph
