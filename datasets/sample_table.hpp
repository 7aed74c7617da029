// What every reader of this folder returns: one entry per face, with the paths and labels as published and no pixels.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fergraph {

/// One face of a data set.
struct Sample {
  /// Position among the data rows of the published file (the header not counted), from 0; rows that are left out keep
  /// their number, so that it points into the file. For folders: the position in the sorted listing.
  std::int64_t row = 0;
  /// Path relative to SampleTable::root, as written in the file. Of pixels that the table itself holds: a name for
  /// messages, of which no file exists.
  std::string image;
  /// Unique in the table and the same on every machine.
  std::string id;
  /// Index into SampleTable::class_names, or -1 where the label is unknown.
  std::int64_t label = -1;
  /// The name of the split, empty where the data set has none: as written in CSV files and folders, `train`, `valid` or
  /// `test` from the readers of published layouts.
  std::string split;
  /// x, y, width, height in pixels of the photograph; (x, y) is the upper left corner.
  std::optional<std::array<float, 4>> box;
  /// x, y of left eye, right eye, nose, left and right corner of the mouth, in pixels of the photograph; left is the
  /// side that is on the left in the picture.
  std::optional<std::array<float, 10>> landmarks;
  /// Finite and not negative.
  float weight = 1;
  /// The picture's place in SampleTable::pixels, or -1 where `image` is a file.
  std::int64_t inline_picture = -1;
  /// Why this sample cannot be used although its row is kept (a box that is no number, ...): a sentence with file:line,
  /// to become the reason of a void. Empty when the row is good.
  std::string problem;
};

/// Pictures that stand in the published file itself (FER2013's CSV, CIFAR's binary files), all of one size.
struct InlinePictures {
  int height = 0, width = 0;
  int channels = 0;                 ///< 1 grey, 3 RGB interleaved
  std::vector<std::uint8_t> bytes;  ///< one picture after another, rows from the top, without padding

  std::size_t picture_bytes() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  }
  std::span<const std::uint8_t> picture(std::int64_t index) const {
    return std::span(bytes).subspan(static_cast<std::size_t>(index) * picture_bytes(), picture_bytes());
  }
};

/// A count that was published with a data set: of a class, or of a whole split where `label` is -1.
struct PublishedCount {
  std::string split;
  std::int64_t label = -1;
  std::int64_t count = 0;
  bool operator==(const PublishedCount&) const = default;
};

/// The samples of a data set, in the order of its file.
struct SampleTable {
  std::filesystem::path root;
  std::vector<std::string> class_names;
  std::vector<Sample> samples;
  /// What was noticed and lived with, one sentence each, with counts.
  std::vector<std::string> warnings;
  /// Empty where all pictures are files.
  InlinePictures pixels;
  /// Empty, or samples.size() rows of class_names.size() numbers that sum to 1: the share of each class in the votes.
  std::vector<float> soft_labels;
  /// What was published about the samples that were asked for; see published_counts.hpp.
  std::vector<PublishedCount> published;

  /// The full path of a sample's image.
  std::filesystem::path path(const Sample& sample) const { return root / sample.image; }
  /// Per split, the samples of each class (size: class_names); samples without a label are not counted.
  std::map<std::string, std::vector<std::int64_t>> class_counts() const;
  /// A sentence for every two splits whose names differ in upper and lower case alone: likely one, written in two ways.
  std::vector<std::string> split_warnings() const;
  /// The share of each class in the votes for a sample; empty where the table has no soft labels.
  std::span<const float> soft_label(std::size_t index) const {
    if (soft_labels.empty()) return {};
    return std::span(soft_labels).subspan(index * class_names.size(), class_names.size());
  }
  /// How many samples name an image file that does not exist (one look at the file system per sample).
  std::int64_t count_missing_images() const;
};

}  // namespace fergraph
