#include "datasets/affectnet_classes.hpp"

#include <algorithm>
#include <span>

#include "datasets/landmark_points.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {

std::vector<std::string> affectnet_classes() {
  return {"neutral", "happiness", "sadness", "surprise",  "fear",   "disgust",
          "anger",   "contempt",  "none",    "uncertain", "no-face"};
}

std::optional<std::size_t> affectnet_class(std::string_view text) {
  const std::vector<std::string> names = affectnet_classes();
  if (const std::optional<std::int64_t> number = whole_number(text))
    return *number >= 0 && *number < static_cast<std::int64_t>(names.size())
               ? std::optional(static_cast<std::size_t>(*number))
               : std::nullopt;
  const std::string name = lower_case(trimmed(text));
  static const LabelAliases spellings = {{"happy", "happiness"}, {"sad", "sadness"}, {"angry", "anger"}};
  const auto spelling = spellings.find(name);
  const auto found = std::find(names.begin(), names.end(), spelling == spellings.end() ? name : *spelling->second);
  return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
}

std::optional<std::array<float, 10>> affectnet_landmarks(std::string_view text) {
  std::array<float, 136> points{};
  const std::vector<std::string_view> words = words_of(text, " \t,;");
  if (words.size() != points.size()) return std::nullopt;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::optional<float> value = finite_number(words[i]);
    if (!value) return std::nullopt;
    points[i] = *value;
  }
  return five_of_68(points);
}

void publish_affectnet(LayoutTable& table) {
  // Table 3 of the paper.
  constexpr std::array<std::int64_t, 11> train = {74874, 134415, 25459, 14090, 6378, 3803,
                                                  24882, 3750,   33088, 11645, 82414};
  for (std::size_t c = 0; c < train.size(); ++c) {
    table.publish("train", c, train[c]);
    table.publish("valid", c, 500);
  }
}

}  // namespace fergraph
