#include "datasets/ck_plus.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "datasets/dataset_error.hpp"
#include "datasets/folder_listing.hpp"
#include "datasets/landmark_points.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> layout_classes = {"neutral", "anger",     "contempt", "disgust",
                                                 "fear",    "happiness", "sadness",  "surprise"};
// Table 2 of the paper, whose sum is 327.
constexpr std::array<std::int64_t, 8> peak_counts = {0, 45, 18, 59, 25, 69, 28, 83};
constexpr std::int64_t labeled_sequences = 327;

std::optional<std::size_t> class_of(const fs::path& file) {
  const NumberFile read = read_numbers(file, 2);
  if (!read.problem.empty() || read.numbers.size() != 1 || read.numbers[0] != std::floor(read.numbers[0]) ||
      read.numbers[0] < 0 || read.numbers[0] > 7)
    throw DatasetError(file, "the file must hold one number from 0 (neutral) to 7 (surprise).");
  return static_cast<std::size_t>(read.numbers[0]);
}

void read_landmarks(const fs::path& file, Sample& sample) {
  const NumberFile read = read_numbers(file, 136);
  if (read.is_missing) return;
  if (!read.problem.empty() || read.numbers.size() != 136)
    sample.problem = file.string() + ": the landmarks are no 68 points of finite numbers.";
  else
    sample.landmarks = five_of_68(std::span<const float, 136>(read.numbers.data(), 136));
}

}  // namespace

SampleTable CkPlus::read() const {
  const fs::path images = root / "cohn-kanade-images", emotions = root / "Emotion";
  for (const fs::path& folder : {images, emotions}) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
      throw DatasetError(folder, "there is no such folder; name the folder that holds cohn-kanade-images and Emotion.");
  }
  if (peak_frames < 1) throw DatasetError(root, "at least one frame of a sequence must be its expression.");
  std::vector<std::string> usual = eight_expressions();
  LayoutTable table(root, images, layout_classes, usual, classes);
  for (std::size_t c = 1; c < peak_counts.size(); ++c) table.publish("", c, peak_counts[c] * peak_frames);
  if (neutral) table.publish("", 0, labeled_sequences);

  std::int64_t row = 0;
  for (const std::string& subject : list_folder(images).folders) {
    for (const std::string& sequence : list_folder(images / subject).folders) {
      const std::string below = subject + "/" + sequence;
      const std::vector<std::string> frames = list_folder(images / below).images;
      if (frames.empty()) continue;
      std::error_code ignored;
      std::vector<std::string> labels;
      if (fs::is_directory(emotions / below, ignored)) labels = list_folder(emotions / below).others;
      std::erase_if(labels, [](const std::string& name) { return !name.ends_with("_emotion.txt"); });
      if (labels.empty()) {
        table.note("sequences without a label, left out", (images / below).string());
        continue;
      }
      const fs::path label_file = emotions / below / labels.front();
      const std::optional<std::size_t> expression = class_of(label_file);
      const auto add = [&](const std::string& frame, std::size_t layout_class) {
        Sample sample;
        sample.row = row++;
        sample.image = below + "/" + frame;
        if (table.label(layout_class) >= 0)
          read_landmarks(root / "Landmarks" / below / (fs::path(frame).stem().string() + "_landmarks.txt"), sample);
        table.add(std::move(sample), layout_class, label_file.string());
      };
      if (neutral) add(frames.front(), 0);
      // The first frame is no expression yet, however many are asked for.
      const std::size_t first = std::max<std::size_t>(
          frames.size() > 1 ? 1 : 0, frames.size() - std::min(frames.size(), static_cast<std::size_t>(peak_frames)));
      for (std::size_t i = first; i < frames.size(); ++i) add(frames[i], *expression);
    }
  }
  return table.finish();
}

static_assert(DatasetReader<CkPlus>);

}  // namespace fergraph
