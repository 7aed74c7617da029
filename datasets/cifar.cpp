#include "datasets/cifar.hpp"

#include <span>
#include <utility>

#include "datasets/csv.hpp"
#include "datasets/dataset_error.hpp"
#include "datasets/text_fields.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

constexpr int side = 32;
constexpr std::size_t plane = std::size_t{side} * side, picture = 3 * plane;

fs::path folder_of(const fs::path& root, const char* below, const char* file) {
  std::error_code ignored;
  return !fs::exists(root / file, ignored) && fs::is_directory(root / below, ignored) ? root / below : root;
}

// Reads one file of records; `label_at` of its `label_bytes` is the class.
void read_records(const fs::path& file, const std::string& split, std::size_t label_bytes, std::size_t label_at,
                  std::size_t layout_classes, std::int64_t& row, LayoutTable& table) {
  const std::string bytes = read_text_file(file);
  const std::size_t record = label_bytes + picture;
  if (bytes.empty() || bytes.size() % record != 0)
    throw DatasetError(file, "the file has " + std::to_string(bytes.size()) + " bytes, which is no multiple of " +
                                 std::to_string(record) + " (" + std::to_string(label_bytes) +
                                 " of labels and 3072 of pixels); it is cut short or no binary version.");
  InlinePictures& pixels = table.table().pixels;
  for (std::size_t i = 0; i < bytes.size() / record; ++i) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(bytes.data()) + i * record;
    const std::size_t number = at[label_at];
    const std::string name = file.filename().string() + "#" + std::to_string(i);
    if (number >= layout_classes)
      throw DatasetError(file, "the label of record " + std::to_string(i) + " is " + std::to_string(number) +
                                   ", and there are " + std::to_string(layout_classes) + " classes.");
    Sample sample;
    sample.row = row++;
    sample.split = split;
    sample.image = name;
    sample.inline_picture = static_cast<std::int64_t>(pixels.bytes.size() / picture);
    if (!table.add(std::move(sample), number, name)) continue;
    const std::uint8_t* planes = at + label_bytes;
    const std::size_t begin = pixels.bytes.size();
    pixels.bytes.resize(begin + picture);
    std::uint8_t* to = pixels.bytes.data() + begin;
    for (std::size_t p = 0; p < plane; ++p)
      for (std::size_t c = 0; c < 3; ++c) *to++ = planes[c * plane + p];
  }
}

void begin_pixels(LayoutTable& table, std::size_t pictures) {
  InlinePictures& pixels = table.table().pixels;
  pixels.height = pixels.width = side;
  pixels.channels = 3;
  pixels.bytes.reserve(pictures * picture);
}

struct Part {
  const char* file;
  const char* split;
};

void read_parts(const fs::path& folder, std::span<const Part> parts, std::size_t label_bytes, std::size_t label_at,
                std::size_t layout_classes, LayoutTable& table) {
  std::int64_t row = 0;
  std::size_t there = 0;
  std::uintmax_t size = 0;
  std::error_code error;
  for (const Part& part : parts) {
    const std::uintmax_t bytes = fs::file_size(folder / part.file, error);
    size += error ? 0 : bytes;
  }
  begin_pixels(table, static_cast<std::size_t>(size / (label_bytes + picture)));
  for (const Part& part : parts) {
    if (!fs::exists(folder / part.file, error)) {
      table.note("files that are missing", (folder / part.file).string());
      continue;
    }
    ++there;
    read_records(folder / part.file, part.split, label_bytes, label_at, layout_classes, row, table);
  }
  if (there == 0)
    throw DatasetError(folder, std::string("there is no ") + parts.front().file +
                                   " nor any other file of the binary version; name the folder that holds them.");
}

}  // namespace

std::vector<std::string> cifar10_classes() {
  return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
}

SampleTable Cifar10::read() const {
  const fs::path folder = folder_of(root, "cifar-10-batches-bin", "test_batch.bin");
  const std::vector<std::string> names = cifar10_classes();
  LayoutTable table(folder, folder, names, names, classes);
  for (std::size_t c = 0; c < names.size(); ++c) {
    table.publish("train", c, 5000);
    table.publish("test", c, 1000);
  }
  constexpr Part parts[] = {{"data_batch_1.bin", "train"}, {"data_batch_2.bin", "train"}, {"data_batch_3.bin", "train"},
                            {"data_batch_4.bin", "train"}, {"data_batch_5.bin", "train"}, {"test_batch.bin", "test"}};
  read_parts(folder, parts, 1, 0, names.size(), table);
  return table.finish();
}

SampleTable Cifar100::read() const {
  const fs::path folder = folder_of(root, "cifar-100-binary", "test.bin");
  const bool fine = labels == Cifar100Labels::fine;
  const fs::path names_file = folder / (fine ? "fine_label_names.txt" : "coarse_label_names.txt");
  const std::string text = read_text_file(names_file);
  std::vector<std::string> names;
  for (const TextLine& line : lines_of(text)) names.push_back(lower_case(trimmed(line.text)));
  const std::size_t expected = fine ? 100 : 20;
  if (names.size() != expected)
    throw DatasetError(names_file, "the file has " + std::to_string(names.size()) + " names of classes where " +
                                       std::to_string(expected) + " are expected.");
  LayoutTable table(folder, folder, names, names, classes);
  for (std::size_t c = 0; c < names.size(); ++c) {
    table.publish("train", c, fine ? 500 : 2500);
    table.publish("test", c, fine ? 100 : 500);
  }
  constexpr Part parts[] = {{"train.bin", "train"}, {"test.bin", "test"}};
  read_parts(folder, parts, 2, fine ? 1 : 0, names.size(), table);
  return table.finish();
}

static_assert(DatasetReader<Cifar10> && DatasetReader<Cifar100>);

}  // namespace fergraph
