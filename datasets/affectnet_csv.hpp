// AffectNet's CSV release.
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// Manually_Annotated_file_lists/{training,validation}.csv with the columns subDirectory_filePath, face_x, face_y,
/// face_width, face_height, facial_landmarks (136 numbers `x;y;...`), expression, valence, arousal; images below
/// Manually_Annotated_Images/. A list may lack its header.
struct AffectNetCsv {
  static constexpr std::string_view layout = "affectnet_csv";
  std::filesystem::path root;    ///< the folder that holds the two
  std::filesystem::path lists;   ///< the folder of the lists; empty: Manually_Annotated_file_lists of the root
  std::filesystem::path images;  ///< the folder of the images; empty: Manually_Annotated_Images of the root
  /// The eight expressions where left out: none, uncertain and no-face are left out with counted warnings.
  ClassChoice classes;

  /// training.csv becomes `train`, validation.csv `valid`. Boxes and landmarks that are no numbers make a sample a
  /// problem; an expression that is no class is an error.
  SampleTable read() const;
};

}  // namespace fergraph
