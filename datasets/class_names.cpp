#include "datasets/class_names.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Optimal string alignment distance: Levenshtein's with swaps of neighbouring letters.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<std::string> closest_name(std::string_view name, const std::vector<std::string>& known) {
  // A name of a megabyte is no misspelling, and the distance is quadratic.
  if (name.size() > 200) return std::nullopt;
  const std::string lower = lower_case(name);
  std::optional<std::string> best;
  std::size_t fewest = 0;
  for (const std::string& candidate : known) {
    const std::size_t distance = edits(lower, lower_case(candidate));
    const std::size_t allowed = std::max<std::size_t>(1, candidate.size() / 3);
    if (distance <= allowed && distance < candidate.size() && (!best || distance < fewest)) {
      best = candidate;
      fewest = distance;
    }
  }
  return best;
}

LabelMap::LabelMap(std::filesystem::path file, std::vector<std::string> class_names, const LabelAliases& aliases)
    : file_(std::move(file)), class_names_(std::move(class_names)), discovers_(class_names_.empty()) {
  for (std::size_t i = 0; i < class_names_.size(); ++i) {
    if (!index_.emplace(lower_case(class_names_[i]), static_cast<std::int64_t>(i)).second) {
      throw DatasetError(file_, "the class '" + class_names_[i] +
                                    "' is named twice (upper and lower case are the same); name each class once.");
    }
  }
  for (const auto& [from, to] : aliases) {
    const std::string spelling = lower_case(trimmed(from));
    if (!to) {
      index_[spelling] = -1;
      continue;
    }
    const std::string target = lower_case(trimmed(*to));
    if (discovers_) {
      found_aliases_[spelling] = target;
      continue;
    }
    // An alias leads to a class, not to another alias: chains would depend on the order.
    const auto found = std::find_if(class_names_.begin(), class_names_.end(),
                                    [&](const std::string& name) { return lower_case(name) == target; });
    if (found == class_names_.end()) {
      const std::optional<std::string> near = closest_name(*to, class_names_);
      throw DatasetError(file_, "the alias '" + from + "' leads to '" + *to + "', which is no class" +
                                    (near ? "; did you mean '" + *near + "'?" : ".") +
                                    " Classes: " + joined(class_names_) + ".");
    }
    index_[spelling] = found - class_names_.begin();
  }
}

LabelMap::Result LabelMap::map(std::string_view label, const std::string& place) {
  std::string name = lower_case(trimmed(label));
  auto known = index_.find(name);
  if (known == index_.end() && discovers_) {
    if (const auto alias = found_aliases_.find(name); alias != found_aliases_.end()) name = alias->second;
    known = index_.find(name);
    if (known == index_.end()) {
      known = index_.emplace(name, static_cast<std::int64_t>(class_names_.size())).first;
      class_names_.push_back(name);
    }
  }
  if (known != index_.end()) {
    return {known->second < 0 ? Kind::left_out : Kind::known, known->second};
  }
  const auto again = std::find_if(unknown_.begin(), unknown_.end(),
                                  [&](const Unknown& unknown) { return lower_case(unknown.label) == name; });
  if (again != unknown_.end()) {
    ++again->count;
  } else {
    unknown_.push_back({std::string(trimmed(label)), place, 1});
  }
  return {Kind::unknown, -1};
}

std::vector<std::int64_t> LabelMap::finish() {
  if (!unknown_.empty()) {
    constexpr std::size_t shown = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, unknown_.size()); ++i) {
      const Unknown& unknown = unknown_[i];
      const std::optional<std::string> near = closest_name(unknown.label, class_names_);
      text += unknown.place + ": the label '" + unknown.label + "' is no class (" + std::to_string(unknown.count) +
              (unknown.count == 1 ? " sample)" : " samples)") + (near ? "; did you mean '" + *near + "'?" : ".") + "\n";
    }
    if (unknown_.size() > shown) text += "... and " + std::to_string(unknown_.size() - shown) + " more such labels.\n";
    throw DatasetError(text + "Classes: " + joined(class_names_) +
                       ". Give the label an alias, or the alias ~ to leave its samples out.");
  }
  std::vector<std::int64_t> order(class_names_.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (!discovers_) return order;
  std::vector<std::string> sorted = class_names_;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = std::lower_bound(sorted.begin(), sorted.end(), class_names_[i]) - sorted.begin();
  }
  class_names_ = std::move(sorted);
  return order;
}

}  // namespace fergraph
