#include "datasets/expw.hpp"

#include <array>

#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

const std::vector<std::string> layout_classes = {"anger",   "disgust",  "fear",   "happiness",
                                                 "sadness", "surprise", "neutral"};
// Their sum is the published 91,793 faces.
constexpr std::array<std::int64_t, 7> published = {3671, 3995, 1088, 30537, 10559, 7060, 34883};

std::filesystem::path image_folder(const Expw& reader) {
  if (!reader.images.empty()) return reader.images;
  std::filesystem::path beside = reader.labels.parent_path();
  for (const char* name : {"image", "origin", "../image/origin", "../image"}) {
    std::error_code ignored;
    if (std::filesystem::is_directory(beside / name, ignored)) return beside / name;
  }
  return beside;
}

}  // namespace

SampleTable Expw::read() const {
  const std::string text = read_text_file(labels);
  LayoutTable table(labels, image_folder(*this), layout_classes, seven_expressions(), classes);
  for (std::size_t c = 0; c < published.size(); ++c) table.publish("", c, published[c]);
  std::int64_t row = 0;
  for (const TextLine& line : lines_of(text)) {
    const std::string place = place_of(labels, line.number);
    const std::vector<std::string_view> words = words_of(line.text);
    // Counted from the end: a name may hold spaces.
    const std::size_t first = words.size() >= 8 ? words.size() - 7 : 0;
    const std::optional<std::int64_t> face = first ? whole_number(words[first]) : std::nullopt;
    const std::optional<std::int64_t> number = first ? whole_number(words.back()) : std::nullopt;
    std::array<float, 4> sides{};
    bool whole = face && number && *number >= 0 && *number < 7;
    for (std::size_t i = 0; whole && i < 4; ++i) {
      const std::optional<float> side = finite_number(words[first + 1 + i]);
      whole = side.has_value();
      sides[i] = side.value_or(0);
    }
    if (!whole)
      throw DatasetError(
          labels, line.number,
          "the line is '" + std::string(line.text.substr(0, 80)) +
              "'; name, face, top, left, right, bottom, confidence and a class from 0 to 6 are expected, "
              "such as 'angry_actor_104.jpg 0 28 113 226 141 22.9362 0'.");
    Sample sample;
    sample.row = row++;
    const auto name_end =
        static_cast<std::size_t>(words[first - 1].data() + words[first - 1].size() - line.text.data());
    sample.image = trimmed(line.text.substr(0, name_end));
    check_image_path(sample.image, place);
    sample.id = sample.image + "#" + std::to_string(*face);
    const auto [top, left, right, bottom] = sides;
    if (right > left && bottom > top)
      sample.box = {left, top, right - left, bottom - top};
    else
      sample.problem = place + ": the box has no area.";
    table.add(std::move(sample), static_cast<std::size_t>(*number), place);
  }
  return table.finish();
}

static_assert(DatasetReader<Expw>);

}  // namespace fergraph
