#include "datasets/ferplus_folders.hpp"

#include <array>
#include <span>
#include <utility>

#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

constexpr std::pair<const char*, const char*> folders[] = {
    {"FER2013Train", "train"}, {"FER2013Valid", "valid"}, {"FER2013Test", "test"}};

// "(0, 0, 48, 48)": left, top, right, bottom.
std::optional<std::array<float, 4>> box_of(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text, " \t,()[]");
  if (words.size() != 4) return std::nullopt;
  std::array<float, 4> corners{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::optional<float> value = finite_number(words[i]);
    if (!value) return std::nullopt;
    corners[i] = *value;
  }
  const auto [left, top, right, bottom] = corners;
  if (!(right > left && bottom > top)) return std::nullopt;
  return std::array<float, 4>{left, top, right - left, bottom - top};
}

}  // namespace

SampleTable FerPlusFolders::read() const {
  LayoutTable table(root, root, ferplus_classes(), eight_expressions(), classes);
  publish_ferplus(table, rule);
  std::vector<std::string> columns = {"image", "box"};
  for (std::size_t i = 0; i < 10; ++i) columns.push_back("votes " + std::to_string(i));
  std::int64_t row = 0;
  for (const auto& [folder, split] : folders) {
    const std::filesystem::path file = root / folder / "label.csv";
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
      table.note("label files that are missing", file.string());
      continue;
    }
    CsvReader rows(file, {.columns = columns});
    for (CsvRecord record; rows.next(record); ++row) {
      const std::string place = place_of(file, record.line);
      const std::string name(trimmed(record.fields[0]));
      if (name.empty()) {
        table.note("rows without an image name, left out", place);
        continue;
      }
      const std::optional<FerPlusVotes> votes = ferplus_votes(std::span(record.fields).subspan(2));
      if (!votes) throw DatasetError(file, record.line, "a vote is no number from 0 on; copy the file again.");
      Sample sample;
      sample.row = row;
      sample.split = split;
      sample.image = std::string(folder) + "/" + name;
      check_image_path(name, place);
      sample.id = name;
      sample.box = box_of(record.fields[1]);
      if (!sample.box)
        sample.problem = place + ": the box is '" + std::string(record.fields[1].substr(0, 80)) +
                         "', and (left, top, right, bottom) with an area is expected.";
      add_ferplus_face(table, std::move(sample), *votes, rule, place);
    }
  }
  return table.finish();
}

static_assert(DatasetReader<FerPlusFolders>);

}  // namespace fergraph
