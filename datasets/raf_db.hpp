// RAF-DB, basic expressions (Li, Deng and Du, CVPR 2017).
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// `original`: photographs with a box and landmarks; `aligned`: faces of 100x100 pixels, to which neither belongs.
enum class RafDbImages { original, aligned };
/// `manual`: five points by annotators; `automatic`: five of 37 points that a program found.
enum class RafDbLandmarks { manual, automatic, none };

/// EmoLabel/list_patition_label.txt with lines `train_00001.jpg 5` (1 surprise, 2 fear, 3 disgust, 4 happiness, 5
/// sadness, 6 anger, 7 neutral); Image/aligned/train_00001_aligned.jpg and Image/original/train_00001.jpg;
/// Annotation/manual/..._manu_attri.txt (5 lines x y, then attributes), Annotation/auto/..._auto_attri.txt (37 lines x
/// y), Annotation/boundingbox/..._boundingbox.txt (left, top, right, bottom).
struct RafDb {
  static constexpr std::string_view layout = "raf_db";
  /// The folder `basic`, or the one that holds it.
  std::filesystem::path root;
  RafDbImages images = RafDbImages::original;
  RafDbLandmarks landmarks = RafDbLandmarks::manual;
  ClassChoice classes;

  /// Ids are the names in the list, whichever images are read. A box or landmarks whose file is missing are none, with
  /// a counted warning; those that are no numbers make the sample a problem.
  SampleTable read() const;
};

/// The classes by their numbers in list_patition_label.txt, from 1.
std::vector<std::string> raf_db_classes();

}  // namespace fergraph
