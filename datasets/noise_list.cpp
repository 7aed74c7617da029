#include "datasets/noise_list.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "datasets/class_names.hpp"
#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

// The name by which a face is known whichever of its pictures is meant.
std::string stem_of(const std::string& name) {
  std::string stem = std::filesystem::path(name).stem().string();
  constexpr std::string_view aligned = "_aligned";
  if (stem.ends_with(aligned)) stem.resize(stem.size() - aligned.size());
  return stem;
}

}  // namespace

bool is_measured_split(std::string_view split) {
  const std::string name = lower_case(trimmed(split));
  for (const char* each : {"test", "valid", "val", "validation", "publictest", "privatetest"})
    if (name == each) return true;
  return false;
}

NoiseList read_noise_list(const std::filesystem::path& file, std::size_t classes) {
  NoiseList list;
  list.file = file;
  const std::string text = read_text_file(file);
  std::unordered_map<std::string, std::size_t> earlier;
  for (const TextLine& line : lines_of(text)) {
    const std::vector<std::string_view> words = words_of(line.text);
    const std::optional<std::int64_t> number = words.size() == 2 ? whole_number(words[1]) : std::nullopt;
    if (!number || *number < 1 || *number > static_cast<std::int64_t>(classes))
      throw DatasetError(file, line.number,
                         "the line is '" + std::string(line.text.substr(0, 80)) + "'; a name and a class from 1 to " +
                             std::to_string(classes) + " are expected, such as 'train_00001.jpg 5'.");
    NoiseList::Row row{std::string(words[0]), line.number, static_cast<std::size_t>(*number - 1)};
    const auto [found, inserted] = earlier.emplace(row.name, list.rows.size());
    if (!inserted) {
      const NoiseList::Row& first = list.rows[found->second];
      if (first.number == row.number) continue;
      throw DatasetError(file, line.number,
                         "'" + row.name + "' stands on line " + std::to_string(first.line) +
                             " already, with another label; keep the right one of the two.");
    }
    list.rows.push_back(std::move(row));
  }
  return list;
}

ListedLabels apply_noise_list(const NoiseList& list, const std::vector<std::string>& list_classes,
                              std::span<const std::int64_t> labels, const std::vector<std::string>& ids,
                              const std::vector<bool>& is_protected, const std::vector<std::string>& class_names) {
  std::vector<std::int64_t> number_to_label;
  for (const std::string& name : list_classes) {
    const auto found = std::find_if(class_names.begin(), class_names.end(),
                                    [&](const std::string& each) { return lower_case(each) == lower_case(name); });
    number_to_label.push_back(found == class_names.end() ? -1 : found - class_names.begin());
  }
  std::unordered_map<std::string, const NoiseList::Row*> by_name, by_stem;
  for (const NoiseList::Row& row : list.rows) {
    by_name.emplace(row.name, &row);
    // A stem that stands for two rows stands for neither.
    if (const auto [found, inserted] = by_stem.emplace(stem_of(row.name), &row); !inserted) found->second = nullptr;
  }

  ListedLabels noisy;
  noisy.labels.assign(labels.begin(), labels.end());
  std::int64_t unnamed = 0, spared = 0, other_class = 0;
  std::string first_spared;
  std::unordered_map<const NoiseList::Row*, bool> used;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const NoiseList::Row* row = nullptr;
    if (const auto found = by_name.find(ids[i]); found != by_name.end())
      row = found->second;
    else if (const auto stem = by_stem.find(stem_of(ids[i])); stem != by_stem.end())
      row = stem->second;
    if (!row) {
      if (!is_protected[i]) ++unnamed;
      continue;
    }
    used[row] = true;
    const std::int64_t label = number_to_label.at(row->number);
    if (label == labels[i]) continue;
    if (is_protected[i]) {
      if (spared++ == 0) first_spared = list.file.string() + ":" + std::to_string(row->line);
    } else if (label < 0) {
      ++other_class;
    } else {
      noisy.labels[i] = label;
      noisy.changed.push_back(static_cast<std::int64_t>(i));
    }
  }
  const std::string file = list.file.string();
  if (used.empty())
    throw DatasetError(list.file,
                       "the list names none of the samples" +
                           (list.rows.empty() ? std::string() : " (its first is '" + list.rows.front().name + "')") +
                           "; take the list of this data set.");
  if (spared)
    noisy.warnings.push_back(file +
                             ": rows that give a sample of a test or validation split another label, not followed: " +
                             std::to_string(spared) + " (first: " + first_spared + ").");
  if (other_class)
    noisy.warnings.push_back(
        file + ": rows of a class that the data set does not have, not followed: " + std::to_string(other_class) + ".");
  if (unnamed)
    noisy.warnings.push_back(
        file + ": samples that the list does not name, whose labels stay: " + std::to_string(unnamed) + ".");
  if (used.size() < list.rows.size())
    noisy.warnings.push_back(
        file + ": rows that name none of the samples: " + std::to_string(list.rows.size() - used.size()) + ".");
  return noisy;
}

}  // namespace fergraph
