// Labels are mapped by name, never by number: case does not matter, other spellings are aliases, and a name that is not
// known is answered with the nearest one that is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fergraph {

/// Other names of classes. `happy` -> `happiness` maps a spelling; a name without a value (`contempt` -> none, written
/// `contempt: ~` in a file) leaves out all samples of that label.
using LabelAliases = std::map<std::string, std::optional<std::string>>;

/// The member of `known` that differs least from `name` (insertions, deletions, replacements and swaps of neighbours,
/// case ignored), or none where the nearest differs in more than a third of its letters. The first wins a tie.
std::optional<std::string> closest_name(std::string_view name, const std::vector<std::string>& known);

/// Without the spaces and tabs on both sides.
std::string_view trimmed(std::string_view text);
/// ASCII letters in lower case, others as they are.
std::string lower_case(std::string_view text);

/// Maps the labels of one data set. Labels that are not known are gathered, and reported together by finish().
class LabelMap {
 public:
  /// What became of a label.
  enum class Kind { known, left_out, unknown };
  struct Result {
    Kind kind;
    std::int64_t label;
  };

  /// With no class names, the classes are the labels found (after aliases), in lower case and sorted by finish().
  /// Throws DatasetError where two class names differ only in case or an alias leads to no class; `file` is the place
  /// named in such errors.
  LabelMap(std::filesystem::path file, std::vector<std::string> class_names, const LabelAliases& aliases);

  /// The class of the label that was read at `place` ("file:line", used in the error of finish()). While the classes
  /// are still being found, numbers are provisional: see finish().
  Result map(std::string_view label, const std::string& place);

  /// Throws DatasetError if any label was unknown, with the place, the known names and the nearest one for each.
  /// Returns the final number of each label that map() returned.
  std::vector<std::int64_t> finish();

  /// Final after finish().
  const std::vector<std::string>& class_names() const { return class_names_; }

 private:
  struct Unknown {
    std::string label, place;
    std::int64_t count;
  };
  std::filesystem::path file_;
  std::vector<std::string> class_names_;
  bool discovers_;
  std::map<std::string, std::int64_t, std::less<>> index_;  // lower case -> class, -1: left out
  std::map<std::string, std::string, std::less<>> found_aliases_;
  std::vector<Unknown> unknown_;
};

}  // namespace fergraph
