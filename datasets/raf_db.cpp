#include "datasets/raf_db.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/landmark_points.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

// Li, Deng and Du 2017, table of the basic set; by number.
constexpr std::array<std::int64_t, 7> train_counts = {1290, 281, 717, 4772, 1982, 705, 2524};
constexpr std::array<std::int64_t, 7> test_counts = {329, 74, 160, 1185, 478, 162, 680};

class Annotations {
 public:
  Annotations(const fs::path& folder, LayoutTable& table) : folder_(folder), table_(table) {
    std::error_code ignored;
    there_ = fs::is_directory(folder, ignored);
    if (!there_)
      table.note("the folder " + folder.string() + " is not there, so nothing of it is known", folder.string());
  }

  // Exactly `count` numbers, or none.
  std::optional<std::vector<float>> read(const std::string& name, std::size_t count, Sample& sample) const {
    if (!there_) return std::nullopt;
    const fs::path file = folder_ / name;
    NumberFile read = read_numbers(file, count);
    if (read.is_missing) {
      table_.note("annotation files that are missing", file.string());
      return std::nullopt;
    }
    if (read.problem.empty() && read.numbers.size() < count)
      read.problem = file.string() + ": the file has " + std::to_string(read.numbers.size()) + " numbers where " +
                     std::to_string(count) + " are expected.";
    if (!read.problem.empty()) {
      if (sample.problem.empty()) sample.problem = read.problem;
      return std::nullopt;
    }
    return std::move(read.numbers);
  }

 private:
  fs::path folder_;
  LayoutTable& table_;
  bool there_ = false;
};

}  // namespace

std::vector<std::string> raf_db_classes() { return seven_expressions(); }

SampleTable RafDb::read() const {
  std::error_code ignored;
  const fs::path base = fs::exists(root / "EmoLabel", ignored) ? root : root / "basic";
  const fs::path list = base / "EmoLabel" / "list_patition_label.txt";
  if (!fs::exists(list, ignored))
    throw DatasetError(root,
                       "there is no EmoLabel/list_patition_label.txt here or in a folder 'basic' below; name the "
                       "folder that holds EmoLabel and Image.");
  const std::string text = read_text_file(list);
  LayoutTable table(list, base, raf_db_classes(), raf_db_classes(), classes);
  for (std::size_t c = 0; c < 7; ++c) {
    table.publish("train", c, train_counts[c]);
    table.publish("test", c, test_counts[c]);
  }

  std::optional<Annotations> boxes, points;
  if (images == RafDbImages::original) {
    boxes.emplace(base / "Annotation" / "boundingbox", table);
    if (landmarks == RafDbLandmarks::manual) points.emplace(base / "Annotation" / "manual", table);
    if (landmarks == RafDbLandmarks::automatic) points.emplace(base / "Annotation" / "auto", table);
  }
  std::int64_t row = 0;
  for (const TextLine& line : lines_of(text)) {
    const std::string place = place_of(list, line.number);
    const std::vector<std::string_view> words = words_of(line.text);
    const std::optional<std::int64_t> number = words.size() == 2 ? whole_number(words[1]) : std::nullopt;
    if (!number || *number < 1 || *number > 7)
      throw DatasetError(list, line.number,
                         "the line is '" + std::string(line.text.substr(0, 80)) +
                             "'; a name and a class from 1 to 7 are expected, such as 'train_00001.jpg 5'.");
    Sample sample;
    sample.row = row++;
    sample.id = std::string(words[0]);
    check_image_path(sample.id, place);
    sample.split = sample.id.starts_with("train") ? "train" : sample.id.starts_with("test") ? "test" : "";
    if (sample.split.empty())
      throw DatasetError(list, line.number,
                         "the name '" + sample.id + "' begins with neither 'train' nor 'test', which tell the split.");
    const std::string stem = fs::path(sample.id).stem().string();
    sample.image =
        images == RafDbImages::aligned ? "Image/aligned/" + stem + "_aligned.jpg" : "Image/original/" + sample.id;
    if (table.label(static_cast<std::size_t>(*number - 1)) >= 0 && boxes) {
      if (const auto box = boxes->read(stem + "_boundingbox.txt", 4, sample)) {
        const float left = (*box)[0], top = (*box)[1], right = (*box)[2], bottom = (*box)[3];
        if (right > left && bottom > top)
          sample.box = {left, top, right - left, bottom - top};
        else
          sample.problem = stem + "_boundingbox.txt: the box has no area.";
      }
      if (points && landmarks == RafDbLandmarks::manual) {
        if (const auto five = points->read(stem + "_manu_attri.txt", 10, sample)) {
          sample.landmarks.emplace();
          std::copy(five->begin(), five->end(), sample.landmarks->begin());
        }
      } else if (points) {
        if (const auto all = points->read(stem + "_auto_attri.txt", 74, sample))
          sample.landmarks = five_of_37(std::span<const float, 74>(all->data(), 74));
      }
    }
    table.add(std::move(sample), static_cast<std::size_t>(*number - 1), place);
  }
  return table.finish();
}

static_assert(DatasetReader<RafDb>);

}  // namespace fergraph
