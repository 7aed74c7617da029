#include "datasets/ferplus_csv.hpp"

#include <array>
#include <charconv>

#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"

namespace fergraph {
namespace {

constexpr int side = 48;

std::string split_of(std::string_view usage, const std::string& place) {
  usage = trimmed(usage);
  if (usage == "Training") return "train";
  if (usage == "PublicTest") return "valid";
  if (usage == "PrivateTest") return "test";
  throw DatasetError(place + ": the usage is '" + std::string(usage) +
                     "'; Training, PublicTest and PrivateTest are known.");
}

// Appends the pixels that the text writes; tells how many values it holds, or -1 for one that is no pixel.
int append_pixels(std::string_view text, std::vector<std::uint8_t>& bytes) {
  const char *at = text.data(), *end = at + text.size();
  for (int count = 0;; ++count) {
    while (at != end && *at == ' ') ++at;
    if (at == end) return count;
    std::uint8_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || (next != end && *next != ' ')) return -1;
    bytes.push_back(value);
    at = next;
  }
}

}  // namespace

SampleTable FerPlusCsv::read() const {
  const std::filesystem::path votes_file = votes.empty() ? pixels.parent_path() / "fer2013new.csv" : votes;
  CsvReader pictures(pixels), counted(votes_file);
  const auto pixel_column = static_cast<std::size_t>(pictures.column("pixels"));
  const auto usage_column = static_cast<std::size_t>(pictures.column("Usage"));
  const auto votes_usage_column = static_cast<std::size_t>(counted.column("Usage"));
  const auto name_column = static_cast<std::size_t>(counted.column("Image name"));
  std::array<std::size_t, 10> vote_columns{};
  for (std::size_t i = 0; i < vote_columns.size(); ++i)
    vote_columns[i] =
        static_cast<std::size_t>(counted.column(i < 8 ? ferplus_classes()[i] : std::string(i == 8 ? "unknown" : "NF")));

  LayoutTable table(votes_file, pixels.parent_path(), ferplus_classes(), eight_expressions(), classes);
  publish_ferplus(table, rule);
  InlinePictures& inline_pixels = table.table().pixels;
  inline_pixels.height = inline_pixels.width = side;
  inline_pixels.channels = 1;
  CsvRecord picture, row;
  for (std::int64_t number = 0;; ++number) {
    const bool has_picture = pictures.next(picture), has_votes = counted.next(row);
    if (has_picture != has_votes)
      throw DatasetError(has_picture ? votes_file : pixels,
                         "the file has " + std::to_string(number) + " rows and " +
                             (has_picture ? pixels : votes_file).string() +
                             " has more; they belong together row by row, so take both from one release.");
    if (!has_picture) break;
    const std::string place = place_of(votes_file, row.line);
    const std::string_view usage = trimmed(row.fields[votes_usage_column]);
    if (usage != trimmed(picture.fields[usage_column]))
      throw DatasetError(votes_file, row.line,
                         "the usage is '" + std::string(usage) + "' here and '" +
                             std::string(trimmed(picture.fields[usage_column])) + "' at " +
                             place_of(pixels, picture.line) +
                             "; the files belong together row by row, so take both from one release.");
    Sample sample;
    sample.row = number;
    sample.split = split_of(usage, place);
    sample.image = trimmed(row.fields[name_column]);
    if (sample.image.empty()) {
      table.note("rows without an image name, left out", place);
      continue;
    }
    std::array<std::string_view, 10> fields;
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = row.fields[vote_columns[i]];
    const std::optional<FerPlusVotes> read = ferplus_votes(fields);
    if (!read) throw DatasetError(votes_file, row.line, "a vote is no number from 0 on; copy the file again.");

    const std::size_t before = inline_pixels.bytes.size();
    const int count = append_pixels(picture.fields[pixel_column], inline_pixels.bytes);
    if (count != side * side)
      throw DatasetError(pixels, picture.line,
                         (count < 0 ? std::string("a pixel is no number from 0 to 255")
                                    : "the picture has " + std::to_string(count) + " pixels where 2304 are expected") +
                             "; copy the file again.");
    sample.box = {0, 0, side, side};
    sample.inline_picture = static_cast<std::int64_t>(before / inline_pixels.picture_bytes());
    const std::size_t faces = table.table().samples.size();
    add_ferplus_face(table, std::move(sample), *read, rule, place);
    if (table.table().samples.size() == faces) inline_pixels.bytes.resize(before);
  }
  return table.finish();
}

static_assert(DatasetReader<FerPlusCsv>);

}  // namespace fergraph
