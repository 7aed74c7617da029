#include "nodes/face/photographs.hpp"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <array>
#include <charconv>

#include "cache/checksum.hpp"
#include "cache/fingerprint.hpp"

namespace fergraph {
namespace {

CsvDatasetOptions options_of(const CsvPhotographs::Params& params) {
  CsvDatasetOptions options;
  options.root = params.root;
  options.class_names = params.classes;
  options.aliases = params.aliases;
  options.image = params.image;
  options.label = params.label;
  options.split = params.split;
  options.landmarks_required = params.landmarks == LandmarkColumns::needed;
  options.landmark_list = params.landmark_list;
  options.join = params.join;
  if (options.join && options.join->file.is_relative())
    options.join->file = params.file.parent_path() / options.join->file;
  return options;
}

// Texts end in a zero byte, which none of them contains, so that no two rows are written alike.
void add(std::string& text, std::string_view word) { text.append(word).push_back('\0'); }

// The shortest digits that give the same number back.
template <class Number>
void add_number(std::string& text, Number number) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  add(text, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

template <std::size_t count>
void add_numbers(std::string& text, const std::optional<std::array<float, count>>& numbers) {
  add_number(text, numbers ? count : 0);
  if (!numbers) return;
  for (const float number : *numbers) add_number(text, number);
}

void add_row(std::string& text, const Sample& sample) {
  add_number(text, sample.row);
  add(text, sample.image);
  add(text, sample.id);
  add_number(text, sample.label);
  add(text, sample.split);
  add_numbers(text, sample.box);
  add_numbers(text, sample.landmarks);
  add(text, sample.problem);
}

// A file is told by its size and the time of its last change, as by rsync and make: hashing even a part of a million
// photographs would read the disk for minutes before every run that finds nothing to do. A copy that does not keep its
// times counts as changed, and its faces are made once more; what goes unseen is another picture of the same size that
// was given the same nanosecond on purpose. Returns false where there is no file.
bool add_file(std::string& text, const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    add(text, "missing");
    return false;
  }
  add_number(text, status.st_size);
  add_number(text, status.st_mtim.tv_sec);
  add_number(text, status.st_mtim.tv_nsec);
  return true;
}

}  // namespace

CsvJoin Codec<CsvJoin>::parse(const Tree& tree, const Tree*) {
  const Tree* file = tree.is_map() ? tree.find("file") : nullptr;
  if (!file || !file->is_scalar()) detail::wrong_value(tree, "a map such as {file: split.csv, key: image}");
  CsvJoin join;
  join.file = file->text;
  for (const Tree::Member& member : tree.members) {
    if (member.key == "file") continue;
    if (member.key != "key" || !member.value.is_scalar())
      throw PipelineError(member.key_place,
                          "A join has the keys 'file' and 'key', but here stands '" + member.key + "'.");
    join.key = member.value.text;
  }
  return join;
}

PhotographSource::PhotographSource(SampleTable table) {
  for (const std::string& warning : table.warnings) spdlog::warn("{}", warning);
  table_ = std::make_shared<const SampleTable>(std::move(table));
}

std::vector<std::int64_t> PhotographSource::labels() const {
  std::vector<std::int64_t> labels;
  labels.reserve(table_->samples.size());
  for (const Sample& sample : table_->samples) labels.push_back(sample.label);
  return labels;
}

std::string PhotographSource::sample_name(std::int64_t index) const {
  return table_->path(table_->samples[static_cast<std::size_t>(index)]).string();
}

SourceFingerprint PhotographSource::fingerprint(const SampleRange& range) const {
  std::string rows, files;
  std::int64_t missing = 0;
  for (const std::string& name : table_->class_names) add(rows, name);
  for (std::int64_t i = range.begin; i < range.end; ++i) {
    const Sample& sample = table_->samples[static_cast<std::size_t>(i)];
    add_row(rows, sample);
    // A picture that stands in the table is told by its pixels: it is the same on every machine.
    if (sample.inline_picture >= 0) {
      add_number(rows, checksum_of(table_->pixels.picture(sample.inline_picture)));
      continue;
    }
    if (!add_file(files, table_->path(sample))) ++missing;
  }
  const std::string count = std::to_string(range.end - range.begin);
  return {count + ", hash " + hash_of_json(rows),
          count + " of which " + std::to_string(missing) + " are missing, hash " + hash_of_json(files)};
}

PhotographSource::Out PhotographSource::run(const Context& context) const {
  Out out;
  out.photo = {table_, context.sample};
  const Sample& sample = out.photo.sample();
  if (!sample.problem.empty()) throw Void{sample.problem};
  if (sample.box) out.box = Box2d{*sample.box};
  if (sample.landmarks) out.landmarks = FivePoints{*sample.landmarks};
  return out;
}

CsvPhotographs::CsvPhotographs(const Params& params)
    : PhotographSource(read_csv_dataset(params.file, options_of(params))) {}

Contract<CsvPhotographs> CsvPhotographs::contract() {
  return Contract<CsvPhotographs>("csv_photographs", "The photographs that a CSV with named columns lists.")
      .details(
          "Boxes are read from the columns box_x, box_y, box_width, box_height and landmarks from left_eye_x … "
          "mouth_right_y where they exist, else five of the 68 points in the columns x_0 … x_67, y_0 … y_67. A row "
          "whose "
          "box or landmarks are not finite becomes a void.")
      .out(&Out::photo, "photo", "photograph", "the sample, not read yet")
      .out(&Out::box, "box", "float [4]", "the box that the file gives")
      .out(&Out::landmarks, "landmarks", "float [10]", "the five landmarks that the file gives")
      .param(&Params::file, "file", "the CSV", required)
      .param(&Params::root, "root", "the folder that image paths start at; the CSV's where left out")
      .param(&Params::classes, "classes", "class names in the order of their numbers; found in the file where left out")
      .param(&Params::aliases, "aliases", "other words for classes; ~ leaves rows of that word out")
      .param(&Params::image, "image", "the column of image paths")
      .param(&Params::label, "label", "the column of label words")
      .param(&Params::split, "split", "the column of splits; 'split' where it exists")
      .param(&Params::join, "join", "a second CSV with more columns: {file: split.csv, key: image}")
      .param(&Params::landmarks, "landmarks",
             "required: a CSV without the columns of landmarks is an error before anything is read")
      .param(&Params::landmark_list, "landmark_list",
             "one column with all points, x;y;x;y;...: five, or 68 of which five are taken");
}

FolderPhotographs::FolderPhotographs(const Params& params)
    : PhotographSource(read_folder_dataset(params.root, {FolderLayout::automatic, params.classes, params.aliases})) {}

Contract<FolderPhotographs> FolderPhotographs::contract() {
  return Contract<FolderPhotographs>("folder_photographs",
                                     "The photographs of a folder: class/*.jpg or split/class/*.jpg.")
      .out(&Out::photo, "photo", "photograph", "the sample, not read yet")
      .out(&Out::box, "box", "float [4]", "never present")
      .out(&Out::landmarks, "landmarks", "float [10]", "never present")
      .param(&Params::root, "root", "the folder", required)
      .param(&Params::classes, "classes", "class names in the order of their numbers; the folders' where left out")
      .param(&Params::aliases, "aliases", "other words for classes; ~ leaves them out");
}

}  // namespace fergraph
