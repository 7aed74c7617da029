// SFEW 2.0, stills from films (Dhall et al., ICCV Workshops 2011 and ICMI 2015).
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// Which of the two published sets a folder holds: they have the same layout and other counts.
enum class SfewImages { original, aligned };

/// Train/Angry ..., Val/..., Test/...: Angry, Disgust, Fear, Happy, Neutral, Sad, Surprise, in upper or lower case. A
/// Test without folders of classes (its labels were never published) is read as unlabeled.
struct Sfew {
  static constexpr std::string_view layout = "sfew";
  std::filesystem::path root;
  SfewImages images = SfewImages::original;
  ClassChoice classes;

  /// Train, Val and Test become `train`, `valid` and `test`; other folders are counted in a warning.
  SampleTable read() const;
};

}  // namespace fergraph
