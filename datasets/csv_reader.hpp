// Any CSV with named columns as a data set, where needed joined with a second CSV (labels in one, splits in the other).
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/class_names.hpp"
#include "datasets/sample_table.hpp"

namespace fergraph {

/// A second CSV whose columns are added to the first's, row by row, where the key column has the same text in both.
///
/// Every key may stand once in the second file: exact repeats are taken once, with a warning; repeats that differ are
/// an error. In the first file a key may repeat. Rows of the first file without a partner are left out with a counted
/// warning, or an error with `missing_is_error`; keys that only the second file has are counted in a warning. A column
/// that is asked for and stands in both files is an error.
struct CsvJoin {
  std::filesystem::path file;
  /// The column in both files; empty: the image column.
  std::string key;
  bool missing_is_error = false;
};

struct CsvDatasetOptions {
  /// The folder that image paths start from; empty: the folder of the file.
  std::filesystem::path root;
  /// The classes in their order; empty: those found in the file, in lower case and sorted.
  std::vector<std::string> class_names;
  LabelAliases aliases;

  // Columns. A name that is given must exist; where none is given, the default name is used if the file has it.
  std::string image = "image";
  /// Default `label`, and required: with an empty name no label is read and all are unknown (-1).
  std::string label = "label";
  std::optional<std::string> split;   ///< default `split`; rows without a split are left out with a counted warning
  std::optional<std::string> weight;  ///< default `weight`; not a number, infinite or negative is an error
  std::optional<std::string> id;      ///< default: the image, and from its second row on image#2, image#3, ...
  std::optional<std::array<std::string, 4>> box;  ///< default box_x, box_y, box_width, box_height
  /// Default left_eye_x, left_eye_y, right_eye_x, right_eye_y, nose_x, nose_y, mouth_left_x, mouth_left_y,
  /// mouth_right_x, mouth_right_y.
  std::optional<std::array<std::string, 10>> landmarks;
  /// One column with all points, x and y in turn, between spaces, commas or semicolons: five in the order above, or 68
  /// (see landmark_points.hpp), of which five are taken. Where it is left out and there are no columns of five points,
  /// the columns x_0 ... x_67, y_0 ... y_67 of 68 points are read if the file has them (OpenFace writes such files).
  std::optional<std::string> landmark_list;
  /// Whoever asks needs landmarks: a file without their columns, or without any row that has them, is an error.
  bool landmarks_required = false;

  std::optional<CsvJoin> join;
  char delimiter = ',';
  /// The columns of a first file without a header line.
  std::vector<std::string> columns;
};

/// Reads a data set.
///
/// - Labels are mapped by name, case ignored, after the aliases. All unknown labels are reported in one error; an empty
///   label is unknown (-1), with a counted warning.
/// - Landmarks are read from `landmark_list`, else from `landmarks`, else from the columns of 68 points.
/// - A box or landmarks that are partly empty, no finite numbers, or (box) without area do not stop the reading: the
///   sample keeps its row and Sample::problem says what is wrong. All fields empty means that there are none.
/// - Rows that repeat an earlier row in everything that is read are left out with a counted warning. The same image and
///   box with another label or in another split are kept, with a counted warning. A row with a problem is neither: what
///   it says is not known.
/// - An image path that is empty, absolute or leads outside the root is an error. Whether the files exist is not asked
///   here: SampleTable::count_missing_images() counts, and decoding turns them into voids.
///
/// Throws DatasetError with file:line.
SampleTable read_csv_dataset(const std::filesystem::path& file, const CsvDatasetOptions& options = {});

}  // namespace fergraph
