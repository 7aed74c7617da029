#include "datasets/layout_table.hpp"

#include <algorithm>

#include "datasets/dataset_error.hpp"
#include "datasets/published_counts.hpp"

namespace fergraph {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

[[noreturn]] void no_class(const std::filesystem::path& place, const std::string& what, const std::string& name,
                           const std::vector<std::string>& known) {
  const std::optional<std::string> near = closest_name(name, known);
  throw DatasetError(place, what + " '" + name + "' is no class of this data set" +
                                (near ? "; did you mean '" + *near + "'?" : ".") + " Classes: " + joined(known) + ".");
}

}  // namespace

std::vector<std::string> seven_expressions() {
  return {"surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"};
}

std::vector<std::string> eight_expressions() {
  std::vector<std::string> names = seven_expressions();
  names.push_back("contempt");
  return names;
}

LayoutTable::LayoutTable(std::filesystem::path place, std::filesystem::path root,
                         std::vector<std::string> layout_classes, const std::vector<std::string>& usual,
                         const ClassChoice& choice)
    : place_(std::move(place)), layout_classes_(std::move(layout_classes)) {
  table_.root = std::move(root);

  // Each class of the layout by the name that the aliases give it.
  std::vector<std::optional<std::string>> renamed(layout_classes_.begin(), layout_classes_.end());
  for (const auto& [from, to] : choice.aliases) {
    const auto found = std::find(layout_classes_.begin(), layout_classes_.end(), lower_case(trimmed(from)));
    if (found == layout_classes_.end()) no_class(place_, "the alias", from, layout_classes_);
    renamed[static_cast<std::size_t>(found - layout_classes_.begin())] =
        to ? std::optional(lower_case(trimmed(*to))) : std::nullopt;
  }
  if (choice.class_names.empty()) {
    for (const std::string& name : usual) {
      const auto found = std::find(layout_classes_.begin(), layout_classes_.end(), name);
      const std::optional<std::string>& now = renamed.at(static_cast<std::size_t>(found - layout_classes_.begin()));
      std::vector<std::string>& names = table_.class_names;
      if (now && std::find(names.begin(), names.end(), *now) == names.end()) names.push_back(*now);
    }
  } else {
    table_.class_names = choice.class_names;
  }
  std::vector<std::string> wanted;
  for (const std::string& name : table_.class_names) {
    wanted.push_back(lower_case(trimmed(name)));
    if (std::find(wanted.begin(), wanted.end() - 1, wanted.back()) != wanted.end() - 1)
      throw DatasetError(
          place_, "the class '" + name + "' is named twice (upper and lower case are the same); name each class once.");
    if (std::find(renamed.begin(), renamed.end(), wanted.back()) == renamed.end()) {
      std::vector<std::string> known;
      for (const auto& each : renamed)
        if (each) known.push_back(*each);
      no_class(place_, "the class", name, known);
    }
  }
  for (const auto& name : renamed) {
    const auto found = name ? std::find(wanted.begin(), wanted.end(), *name) : wanted.end();
    labels_.push_back(found == wanted.end() ? -1 : found - wanted.begin());
  }
}

bool LayoutTable::add(Sample sample, std::size_t layout_class, const std::string& place) {
  sample.label = label(layout_class);
  if (sample.label < 0) {
    note("samples of the class '" + layout_classes_[layout_class] + "', which is not asked for, left out", place);
    return false;
  }
  keep(std::move(sample), place);
  return true;
}

void LayoutTable::add_unlabeled(Sample sample, const std::string& place) {
  sample.label = -1;
  note("samples without a label, kept as unlabeled", place);
  keep(std::move(sample), place);
}

void LayoutTable::keep(Sample sample, const std::string& place) {
  if (sample.id.empty()) sample.id = sample.image;
  const std::string name = sample.id;
  for (std::size_t n = 2; !ids_.insert(sample.id).second; ++n) sample.id = name + "#" + std::to_string(n);
  if (!sample.problem.empty()) note("samples that cannot be used", place);
  table_.samples.push_back(std::move(sample));
}

void LayoutTable::note(const std::string& what, const std::string& place) {
  const auto found = std::find_if(notes_.begin(), notes_.end(), [&](const Note& each) { return each.what == what; });
  if (found == notes_.end())
    notes_.push_back({what, place, 1});
  else
    ++found->count;
}

void LayoutTable::publish(const std::string& split, std::size_t layout_class, std::int64_t count) {
  if (label(layout_class) < 0) return;
  for (PublishedCount& each : table_.published) {
    if (each.split != split || each.label != label(layout_class)) continue;
    each.count += count;  // two classes of the layout under one name
    return;
  }
  table_.published.push_back({split, label(layout_class), count});
}

void LayoutTable::publish_split(const std::string& split, std::int64_t count) {
  table_.published.push_back({split, -1, count});
}

SampleTable LayoutTable::finish() {
  for (const Note& each : notes_)
    table_.warnings.push_back(place_.string() + ": " + each.what + ": " + std::to_string(each.count) +
                              " (first: " + each.first + ").");
  if (table_.samples.empty())
    throw DatasetError(place_,
                       "no sample is left; the layout is another one, or no class that is asked for stands in "
                       "it." +
                           (notes_.empty() ? "" : " " + table_.warnings.front()));
  for (std::string& sentence : differences_from_published(table_)) table_.warnings.push_back(std::move(sentence));
  return std::move(table_);
}

void check_image_path(const std::string& image, const std::string& place) {
  const std::filesystem::path path(image);
  if (image.empty()) throw DatasetError(place + ": the image is empty; name a file, or remove the row.");
  // A path would end there, and name another file.
  if (image.find('\0') != std::string::npos)
    throw DatasetError(place + ": the image '" + image.substr(0, image.find('\0')) +
                       "...' has a zero byte in its name; the file is damaged, so copy it again.");
  if (path.is_absolute())
    throw DatasetError(place + ": the image '" + image +
                       "' is an absolute path; write it relative to the root folder.");
  const std::filesystem::path normal = path.lexically_normal();
  if (normal.empty() || *normal.begin() == "..")
    throw DatasetError(place + ": the image '" + image +
                       "' leads outside the root folder; write it relative to the root folder, without '..'.");
}

std::string place_of(const std::filesystem::path& file, std::int64_t line) {
  return file.string() + ":" + std::to_string(line);
}

}  // namespace fergraph
