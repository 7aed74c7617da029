// Published noise: lists of labels, right and wrong ones, that others have trained with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/label_noise.hpp"

namespace fergraph {

/// A label file in RAF-DB's format: lines `train_00001.jpg 5`, with class numbers from 1.
struct NoiseList {
  std::filesystem::path file;
  struct Row {
    std::string name;
    std::int64_t line = 0;
    std::size_t number = 0;  ///< from 0
  };
  std::vector<Row> rows;
};

/// `classes` is how many numbers are known. Throws DatasetError with file:line: no such line, a number beyond the
/// classes, a name that stands there twice with two labels.
NoiseList read_noise_list(const std::filesystem::path& file, std::size_t classes);

/// What a list makes of a data set's labels.
struct ListedLabels : NoisyLabels {
  /// Sentences with counts: rows that name no sample, samples that no row names, and rows that would corrupt a
  /// protected sample.
  std::vector<std::string> warnings;
};

/// The labels as the list gives them. `ids` are matched as they are, and where that fails by their file's name without
/// extension and `_aligned`. `list_classes` names the numbers of the list (mapped by name to `class_names`; a row of a
/// class that the data set does not have leaves its sample as it is, with a counted warning). A sample that is
/// protected (of the test split) keeps its label whatever the list says, and the warnings tell. Throws DatasetError
/// where the list names none of the samples.
ListedLabels apply_noise_list(const NoiseList& list, const std::vector<std::string>& list_classes,
                              std::span<const std::int64_t> labels, const std::vector<std::string>& ids,
                              const std::vector<bool>& is_protected, const std::vector<std::string>& class_names);

/// Whether samples of this split are measured with and so never get wrong labels: test, valid and what others call them
/// (val, validation, PublicTest, PrivateTest), in upper or lower case.
bool is_measured_split(std::string_view split);

}  // namespace fergraph
