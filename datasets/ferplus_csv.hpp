// FERPlus from the two CSV files: the pixels of FER2013 (Goodfellow et al., ICONIP 2013) and the votes of FER+.
#pragma once

#include "datasets/dataset_reader.hpp"
#include "datasets/ferplus_votes.hpp"

namespace fergraph {

/// fer2013.csv (`emotion,pixels,Usage`; pixels = 2304 grey values with spaces between) and fer2013new.csv
/// (`Usage,Image name,neutral,...,NF`), which belong together row by row.
struct FerPlusCsv {
  static constexpr std::string_view layout = "ferplus_csv";
  std::filesystem::path pixels;  ///< fer2013.csv
  std::filesystem::path votes;   ///< fer2013new.csv; empty: beside the pixels
  FerPlusRule rule = FerPlusRule::unique;
  ClassChoice classes;

  /// Pictures of 48x48 grey pixels come inline; the box is the whole picture. Training, PublicTest and PrivateTest
  /// become train, valid and test. Rows without an image name (173 in the published file) are left out with a counted
  /// warning. Rows that are out of step, a picture of another size and votes that are no numbers are errors.
  SampleTable read() const;
};

}  // namespace fergraph
