// What the readers of published layouts share: the classes of a layout and which of them are wanted, and a table that
// is filled row by row.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "datasets/class_names.hpp"
#include "datasets/sample_table.hpp"

namespace fergraph {

/// Which classes of a published data set are wanted, in which order, under which names.
struct ClassChoice {
  /// Empty: those of the layout's reader. Samples of classes that are not named are left out with a counted warning.
  std::vector<std::string> class_names;
  /// Other names for the layout's classes (`happiness` -> `happy`); without a value: left out.
  LabelAliases aliases;
};

/// surprise, fear, disgust, happiness, sadness, anger, neutral: the order of RAF-DB and of the methods' files.
std::vector<std::string> seven_expressions();
/// The seven, then contempt.
std::vector<std::string> eight_expressions();

/// A table in the making. Classes of the layout are known by their place in the list that it is made with, never by a
/// number of the user's.
class LayoutTable {
 public:
  /// `place` is named in errors and warnings; `usual` are the classes that a choice without names gets.
  /// Throws DatasetError where a wanted class or an alias is no class of the layout.
  LayoutTable(std::filesystem::path place, std::filesystem::path root, std::vector<std::string> layout_classes,
              const std::vector<std::string>& usual, const ClassChoice& choice);

  /// The label of a layout's class, or -1 where it is not wanted.
  std::int64_t label(std::size_t layout_class) const { return labels_.at(layout_class); }
  std::size_t classes() const { return table_.class_names.size(); }

  /// Adds a row of this class; false where the class is not wanted, which is counted. Sets label, id (from
  /// `sample.id`, or the image where that is empty; repeats get #2, #3, ...); `place` is file:line.
  bool add(Sample sample, std::size_t layout_class, const std::string& place);
  /// Adds a row without a label.
  void add_unlabeled(Sample sample, const std::string& place);
  /// Counts something that is lived with: "WHAT: COUNT (first: PLACE)." in the warnings.
  void note(const std::string& what, const std::string& place);
  /// A count that was published for a class of the layout; only wanted classes keep it.
  void publish(const std::string& split, std::size_t layout_class, std::int64_t count);
  /// A count that was published for a whole split.
  void publish_split(const std::string& split, std::int64_t count);
  /// Of the table in the making.
  SampleTable& table() { return table_; }

  /// Adds the warnings and returns the table. Throws DatasetError where no sample was added.
  SampleTable finish();

 private:
  void keep(Sample sample, const std::string& place);
  struct Note {
    std::string what, first;
    std::int64_t count;
  };
  std::filesystem::path place_;
  std::vector<std::string> layout_classes_;
  std::vector<std::int64_t> labels_;
  std::vector<Note> notes_;
  std::unordered_set<std::string> ids_;
  SampleTable table_;
};

/// Throws DatasetError where an image path is empty, absolute, holds a zero byte or leads outside the root; `place` is
/// file:line.
void check_image_path(const std::string& image, const std::string& place);

/// "file:line".
std::string place_of(const std::filesystem::path& file, std::int64_t line);

}  // namespace fergraph
