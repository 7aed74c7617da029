// CSV: the records of a file, and the general CSV reader with and without a second file to join. The first letter
// chooses the options.
#include "datasets/csv.hpp"

#include "datasets/csv_reader.hpp"
#include "datasets/dataset_error.hpp"
#include "tests/fuzz/sample_checks.hpp"
#include "tests/memory_folder.hpp"

namespace {

using namespace fergraph;

void read_records(const std::string& text, char delimiter) {
  CsvReader reader(text, "fuzzed.csv", {.delimiter = delimiter, .columns = {}});
  std::int64_t line = 0;
  for (CsvRecord record; reader.next(record); line = record.line) {
    fuzz::expect(record.line > line, "lines go backwards");
    fuzz::expect(record.fields.size() == reader.columns().size(), "a record has not one field per column");
  }
}

void read_dataset(const std::vector<std::string>& files, char choice) {
  static const test::MemoryFolder folder;
  CsvDatasetOptions options;
  options.delimiter = choice & 1 ? ';' : ',';
  options.landmarks_required = (choice & 2) != 0;
  if (choice & 4) options.label.clear();
  if (choice & 8) options.class_names = {"fear", "joy"};
  const std::filesystem::path first = folder.write("first.csv", files[0]);
  if (files.size() > 1) options.join = {folder.write("second.csv", files[1]), "", (choice & 16) != 0};
  fuzz::expect_sound(read_csv_dataset(first, options));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const char choice = static_cast<char>(data[0]);
  const std::vector<std::string> files = fuzz::files_of(fuzz::text_of(data + 1, size - 1));
  try {
    read_records(files[0], choice & 1 ? ';' : ',');
  } catch (const DatasetError&) {
  }
  try {
    read_dataset(files, choice);
  } catch (const DatasetError&) {
  }
  return 0;
}
