// FERPlus as folders of PNG files, as FER+'s own script writes them.
#pragma once

#include "datasets/dataset_reader.hpp"
#include "datasets/ferplus_votes.hpp"

namespace fergraph {

/// FER2013Train, FER2013Valid and FER2013Test, each with PNG files and a label.csv without a header:
/// `fer0000000.png,"(0, 0, 48, 48)",4,0,...`: name, box (left, top, right, bottom), ten votes.
struct FerPlusFolders {
  static constexpr std::string_view layout = "ferplus_folders";
  std::filesystem::path root;
  FerPlusRule rule = FerPlusRule::unique;
  ClassChoice classes;

  /// A folder that is missing is told by a warning, all three by an error. Rows without an image name are left out with
  /// a counted warning; a box that is none makes the sample a problem.
  SampleTable read() const;
};

}  // namespace fergraph
