// CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009), binary version.
#pragma once

#include "datasets/dataset_reader.hpp"

namespace fergraph {

/// data_batch_1.bin ... data_batch_5.bin (train), test_batch.bin (test): records of a label byte and 3072 bytes, the
/// red, green and blue planes of 32x32 pixels.
struct Cifar10 {
  static constexpr std::string_view layout = "cifar10";
  std::filesystem::path root;  ///< the folder of the files, or the one that holds cifar-10-batches-bin
  ClassChoice classes;
  /// Pictures of 32x32 RGB pixels come inline; ids are `data_batch_1.bin#0`, counted in each file.
  SampleTable read() const;
};

enum class Cifar100Labels { fine, coarse };

/// train.bin and test.bin with a coarse and a fine label byte before each picture; fine_label_names.txt and
/// coarse_label_names.txt.
struct Cifar100 {
  static constexpr std::string_view layout = "cifar100";
  std::filesystem::path root;  ///< the folder of the files, or the one that holds cifar-100-binary
  Cifar100Labels labels = Cifar100Labels::fine;
  ClassChoice classes;
  SampleTable read() const;
};

/// The ten classes by their numbers.
std::vector<std::string> cifar10_classes();

}  // namespace fergraph
