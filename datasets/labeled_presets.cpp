#include "datasets/labeled_presets.hpp"

#include <algorithm>
#include <optional>

#include "datasets/class_names.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

const std::map<std::string, LabelsByClass> presets = {
    {"fer-100", {{"fear", 10}, {"others", 15}}},    {"fer-400", {{"fear", 40}, {"others", 60}}},
    {"fer-1000", {{"fear", 100}, {"others", 150}}}, {"fer-2000", {{"fear", 200}, {"others", 300}}},
    {"fer-4000", {{"fear", 250}, {"others", 625}}},
};

}  // namespace

std::vector<std::string> labeled_preset_names() { return {"fer-100", "fer-400", "fer-1000", "fer-2000", "fer-4000"}; }

LabelsByClass labeled_preset(const std::string& name) {
  if (const auto found = presets.find(name); found != presets.end()) return found->second;
  std::string known;
  for (const std::string& each : labeled_preset_names()) known += (known.empty() ? "" : ", ") + each;
  throw DatasetError("There is no choice of labels named '" + name + "'. Known are " + known + ".");
}

std::vector<std::int64_t> counts_by_class(const LabelsByClass& labels, const std::vector<std::string>& class_names) {
  const auto others = labels.find("others");
  std::vector<std::int64_t> counts(class_names.size(), -1);
  if (others != labels.end()) std::fill(counts.begin(), counts.end(), others->second);
  for (const auto& asked : labels) {
    const std::string& name = asked.first;
    const auto count = asked.second;
    if (name == "others") continue;
    const auto found = std::find_if(class_names.begin(), class_names.end(),
                                    [&](const std::string& each) { return lower_case(each) == lower_case(name); });
    if (found == class_names.end()) {
      const std::optional<std::string> near = closest_name(name, class_names);
      throw DatasetError("Labels are asked for the class '" + name + "', which the data set does not have" +
                         (near ? "; did you mean '" + *near + "'?" : "; name its classes, and 'others' for the rest."));
    }
    counts[static_cast<std::size_t>(found - class_names.begin())] = count;
  }
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] < 0)
      throw DatasetError("No number of labels is given for the class '" + class_names[c] +
                         "'; name it, or 'others' for all classes that are not named.");
  return counts;
}

}  // namespace fergraph
