#include "datasets/affectnet_numpy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "datasets/affectnet_classes.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/folder_listing.hpp"
#include "datasets/landmark_points.hpp"
#include "datasets/npy.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

constexpr NpyLimits small_arrays{std::size_t{1} << 16, 4096};

// The class that a 0-d array, or a 1-d one of one element, names.
std::size_t class_of(const fs::path& file) {
  const NpyArray array = read_npy(file, small_arrays);
  if (array.size() != 1)
    throw DatasetError(file, "the file has " + std::to_string(array.size()) + " classes where one is expected.");
  std::string text;
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values))
    text = std::to_string(integers->front());
  else if (const auto* texts = std::get_if<std::vector<std::string>>(&array.values))
    text = texts->front();
  else
    text = std::to_string(std::get<std::vector<double>>(array.values).front());
  const std::optional<std::size_t> found = affectnet_class(text);
  if (!found)
    throw DatasetError(
        file, "the expression is '" + text.substr(0, 40) + "'; a number from 0 (neutral) to 10 (no-face) is expected.");
  return *found;
}

std::array<float, 10> landmarks_of(const fs::path& file) {
  const NpyArray array = read_npy(file, small_arrays);
  std::array<float, 136> points{};
  bool finite = array.size() == points.size();
  const auto set = [&](std::size_t i, std::optional<float> value) {
    finite = finite && value && std::isfinite(*value);
    points[i] = value.value_or(0);
  };
  for (std::size_t i = 0; finite && i < points.size(); ++i) {
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values))
      set(i, static_cast<float>((*integers)[i]));
    else if (const auto* texts = std::get_if<std::vector<std::string>>(&array.values))
      set(i, finite_number((*texts)[i]));
    else
      set(i, static_cast<float>(std::get<std::vector<double>>(array.values)[i]));
  }
  if (!finite) throw DatasetError(file, "the landmarks are no 136 finite numbers.");
  return five_of_68(points);
}

}  // namespace

SampleTable AffectNetNumpy::read() const {
  LayoutTable table(root, root, affectnet_classes(), eight_expressions(), classes);
  publish_affectnet(table);
  std::int64_t row = 0, folders = 0;
  for (const auto& [folder, split] : {std::pair{"train_set", "train"}, {"val_set", "valid"}}) {
    const fs::path base = root / folder;
    std::error_code ignored;
    if (!fs::is_directory(base / "images", ignored)) {
      table.note("folders of images that are missing", (base / "images").string());
      continue;
    }
    ++folders;
    for (const std::string& name : list_folder(base / "images").images) {
      Sample sample;
      sample.row = row++;
      sample.split = split;
      sample.image = std::string(folder) + "/images/" + name;
      const std::string stem = fs::path(name).stem().string();
      const fs::path place = base / "annotations" / (stem + "_exp.npy");
      std::optional<std::size_t> found;
      try {
        found = class_of(place);
        if (landmarks && table.label(*found) >= 0)
          sample.landmarks = landmarks_of(base / "annotations" / (stem + "_lnd.npy"));
      } catch (const DatasetError& error) {
        sample.problem = error.what();
      }
      if (found)
        table.add(std::move(sample), *found, place.string());
      else
        table.add_unlabeled(std::move(sample), place.string());
    }
  }
  if (folders == 0)
    throw DatasetError(root,
                       "there is neither a train_set/images nor a val_set/images; name the folder that holds "
                       "train_set and val_set.");
  return table.finish();
}

static_assert(DatasetReader<AffectNetNumpy>);

}  // namespace fergraph
