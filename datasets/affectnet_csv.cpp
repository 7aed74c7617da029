#include "datasets/affectnet_csv.hpp"

#include <array>
#include <utility>

#include "datasets/affectnet_classes.hpp"
#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

const std::vector<std::string> usual_columns = {
    "subDirectory_filePath", "face_x",     "face_y",  "face_width", "face_height",
    "facial_landmarks",      "expression", "valence", "arousal"};

// Whether the first line names the columns.
bool has_header(const std::string& text) {
  const std::vector<TextLine> lines = lines_of(std::string_view(text).substr(0, 4096));
  return !lines.empty() && lines.front().text.find(usual_columns.front()) != std::string_view::npos;
}

void read_list(const std::filesystem::path& file, const std::string& split, std::int64_t& number, LayoutTable& table) {
  std::string text = read_text_file(file);
  const CsvOptions options{.columns = has_header(text) ? std::vector<std::string>{} : usual_columns};
  CsvReader rows(std::move(text), file, options);
  const auto column = [&](const std::string& name) { return static_cast<std::size_t>(rows.column(name)); };
  const std::size_t image = column("subDirectory_filePath"), expression = column("expression"),
                    landmarks = column("facial_landmarks");
  const std::array<std::size_t, 4> box = {column("face_x"), column("face_y"), column("face_width"),
                                          column("face_height")};
  for (CsvRecord record; rows.next(record); ++number) {
    const std::string place = place_of(file, record.line);
    const std::optional<std::size_t> found = affectnet_class(record.fields[expression]);
    if (!found)
      throw DatasetError(file, record.line,
                         "the expression is '" + std::string(record.fields[expression].substr(0, 40)) +
                             "'; a number from 0 (neutral) to 10 (no-face) is expected.");
    Sample sample;
    sample.row = number;
    sample.split = split;
    sample.image = trimmed(record.fields[image]);
    check_image_path(sample.image, place);
    if (table.label(*found) >= 0) {
      std::array<float, 4> sides{};
      bool finite = true;
      for (std::size_t i = 0; i < 4; ++i) {
        const std::optional<float> value = finite_number(record.fields[box[i]]);
        finite = finite && value;
        sides[i] = value.value_or(0);
      }
      if (finite && sides[2] > 0 && sides[3] > 0)
        sample.box = sides;
      else
        sample.problem = place + ": the face's box has no area or is no four finite numbers.";
      sample.landmarks = affectnet_landmarks(record.fields[landmarks]);
      if (!sample.landmarks && sample.problem.empty())
        sample.problem = place + ": the facial_landmarks are no 136 finite numbers.";
    }
    table.add(std::move(sample), *found, place);
  }
}

}  // namespace

SampleTable AffectNetCsv::read() const {
  const std::filesystem::path folder = lists.empty() ? root / "Manually_Annotated_file_lists" : lists;
  LayoutTable table(folder, images.empty() ? root / "Manually_Annotated_Images" : images, affectnet_classes(),
                    eight_expressions(), classes);
  publish_affectnet(table);
  std::int64_t number = 0, files = 0;
  for (const auto& [name, split] : {std::pair{"training.csv", "train"}, {"validation.csv", "valid"}}) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / name, ignored)) {
      table.note("lists that are missing", (folder / name).string());
      continue;
    }
    ++files;
    read_list(folder / name, split, number, table);
  }
  if (files == 0)
    throw DatasetError(folder,
                       "there is neither a training.csv nor a validation.csv; name the folder that holds "
                       "Manually_Annotated_file_lists, or the lists' own.");
  return table.finish();
}

static_assert(DatasetReader<AffectNetCsv>);

}  // namespace fergraph
