#include "cache/tables_file.hpp"

#include <nlohmann/json.hpp>

#include "cache/checksum.hpp"
#include "cache/format.hpp"
#include "cache/hdf5_values.hpp"

namespace fergraph {

namespace {

namespace dataset = cache_format::dataset;
namespace attribute = cache_format::attribute;

constexpr const char* jpeg_name = "jpeg";

/// Calls visit(dataset's name, column, dimensions after the first) for each column of the faces in the file's order.
template <typename Tables, typename Visit>
void for_each_face_column(Tables& tables, Visit visit) {
  visit(dataset::labels, tables.labels, Dimensions{});
  visit(dataset::rows, tables.rows, Dimensions{});
  visit(dataset::ids, tables.ids, Dimensions{});
  visit(dataset::split, tables.splits, Dimensions{});
  visit(dataset::landmarks, tables.landmarks, Dimensions{5, 2});
  visit(dataset::boxes, tables.boxes, Dimensions{4});
  visit(dataset::checksums, tables.checksums, Dimensions{});
}

template <typename Tables, typename Visit>
void for_each_void_column(Tables& tables, Visit visit) {
  visit(dataset::void_labels, tables.void_labels, Dimensions{});
  visit(dataset::void_rows, tables.void_rows, Dimensions{});
  visit(dataset::void_ids, tables.void_ids, Dimensions{});
  visit(dataset::void_split, tables.void_splits, Dimensions{});
  visit(dataset::void_reasons, tables.void_reasons, Dimensions{});
}

/// Calls visit(attribute's name, text) for each text of the provenance.
template <typename Visit>
void for_each_text(const std::string& class_names, const Provenance& provenance, Visit visit) {
  visit(attribute::class_names, class_names);
  visit(attribute::pipeline, provenance.pipeline);
  visit(attribute::versions, provenance.versions_json);
  visit(attribute::fingerprint, provenance.fingerprint.hash);
  visit(attribute::fingerprint_of, provenance.fingerprint.json);
  visit(attribute::files, provenance.files);
}

template <typename Number>
std::span<const char> bytes_of(const std::vector<Number>& column) {
  return {reinterpret_cast<const char*>(column.data()), column.size() * sizeof(Number)};
}
std::span<const char> bytes_of(const FixedText& column) { return column.bytes; }

struct WriteColumn {
  hid_t file;
  std::size_t count;

  template <typename Number>
  void operator()(const char* name, const std::vector<Number>& column, Dimensions dimensions) const {
    dimensions.insert(dimensions.begin(), count);
    write_numbers(file, name, dimensions, column);
  }
  void operator()(const char* name, const FixedText& column, const Dimensions&) const {
    write_text_dataset(file, name, column);
  }
};

struct ReadColumn {
  hid_t file;
  hsize_t count;

  template <typename Number>
  void operator()(const char* name, std::vector<Number>& column, Dimensions dimensions) const {
    dimensions.insert(dimensions.begin(), count);
    column = read_numbers<Number>(file, name, dimensions);
  }
  void operator()(const char* name, FixedText& column, const Dimensions&) const {
    column = read_text_dataset(file, name, count);
  }
};

bool is_encoded(const PixelFormat& format) { return format.encoding.codec != FaceCodec::raw; }

std::uint64_t checksum_of_all(const PixelFormat& format, const CacheTables& tables, const std::string& class_names,
                              const Provenance& provenance) {
  RunningChecksum checksum;
  const auto add_column = [&](const char*, const auto& column, const Dimensions&) {
    const auto bytes = bytes_of(column);
    checksum.add(bytes.data(), bytes.size());
  };
  for_each_face_column(tables, add_column);
  for_each_void_column(tables, add_column);
  for_each_text(class_names, provenance,
                [&](const char*, const std::string& text) { checksum.add(text.data(), text.size()); });
  if (is_encoded(format)) {
    const std::string text =
        format.encoding.text() + " " + std::to_string(format.shape.height) + "x" + std::to_string(format.shape.width);
    checksum.add(text.data(), text.size());
    checksum.add(tables.offsets.data(), tables.offsets.size() * sizeof(std::uint64_t));
  }
  return checksum.value();
}

std::string json_list(const std::vector<std::string>& texts) { return nlohmann::json(texts).dump(); }

}  // namespace

std::uint64_t stored_bytes(const CacheTables& tables, const Provenance& provenance) {
  std::uint64_t total = 0;
  const auto add_column = [&](const char*, const auto& column, const Dimensions&) { total += bytes_of(column).size(); };
  for_each_face_column(tables, add_column);
  for_each_void_column(tables, add_column);
  for_each_text(json_list(provenance.class_names), provenance,
                [&](const char*, const std::string& text) { total += text.size(); });
  return total + tables.offsets.size() * sizeof(std::uint64_t);
}

void write_tables(hid_t file, const PixelFormat& format, const CacheTables& tables, const Provenance& provenance) {
  if (is_encoded(format)) write_numbers(file, dataset::offsets, {tables.offsets.size()}, tables.offsets);
  for_each_face_column(tables, WriteColumn{file, tables.rows.size()});
  {
    const Hdf5Handle checksums = open_dataset(file, dataset::checksums);
    write_text_attribute(checksums, "algorithm", "XXH3-64 of each face's bytes");
    const Hdf5Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "making properties");
    hdf5_checked(H5Pset_obj_track_times(properties, false), "making properties");
    const Hdf5Handle group(H5Gcreate2(file, dataset::voids, H5P_DEFAULT, properties, H5P_DEFAULT), H5Gclose,
                           "making the group '/voids'");
  }
  for_each_void_column(tables, WriteColumn{file, tables.void_rows.size()});

  const std::string class_names = json_list(provenance.class_names);
  write_text_attribute(file, attribute::format, cache_format::name);
  const std::int64_t version = is_encoded(format) ? cache_format::encoded_version : cache_format::raw_version;
  write_number_attribute(file, attribute::version, hdf5_type<std::int64_t>(), &version);
  if (is_encoded(format)) {
    write_text_attribute(file, attribute::codec, jpeg_name);
    for (const auto& [name, value] : {std::pair{attribute::quality, format.encoding.quality},
                                      {attribute::height, format.shape.height},
                                      {attribute::width, format.shape.width}}) {
      const std::int64_t number = value;
      write_number_attribute(file, name, hdf5_type<std::int64_t>(), &number);
    }
  }
  for_each_text(class_names, provenance,
                [&](const char* name, const std::string& text) { write_text_attribute(file, name, text); });
  const std::uint64_t checksum = checksum_of_all(format, tables, class_names, provenance);
  write_number_attribute(file, attribute::tables_checksum, hdf5_type<std::uint64_t>(), &checksum);
  constexpr std::int64_t sealed = 1;
  write_number_attribute(file, attribute::sealed, hdf5_type<std::int64_t>(), &sealed);
}

PixelFormat read_pixel_format(hid_t file) {
  const std::string codec = read_text_attribute(file, attribute::codec);
  if (codec != jpeg_name) throw Hdf5Failure("its faces are kept as '" + codec + "', which this fergraph cannot read");
  const auto number = [&](const char* name, int most) {
    std::int64_t value = 0;
    read_number_attribute(file, name, hdf5_type<std::int64_t>(), &value);
    if (value < 1 || value > most)
      throw Hdf5Failure("its attribute '" + std::string(name) + "' is " + std::to_string(value));
    return static_cast<int>(value);
  };
  return {{number(attribute::height, cache_format::largest_side), number(attribute::width, cache_format::largest_side)},
          {FaceCodec::jpeg, number(attribute::quality, 100)}};
}

void read_tables(hid_t file, const PixelFormat& format, hsize_t faces, CacheTables& tables, Provenance& provenance) {
  if (is_encoded(format)) tables.offsets = read_numbers<std::uint64_t>(file, dataset::offsets, {faces + 1});
  for_each_face_column(tables, ReadColumn{file, faces});
  const Dimensions voids = dimensions_of(open_dataset(file, dataset::void_rows));
  for_each_void_column(tables, ReadColumn{file, voids.empty() ? 0 : voids.front()});

  const std::string class_names = read_text_attribute(file, attribute::class_names);
  provenance.pipeline = read_text_attribute(file, attribute::pipeline);
  provenance.versions_json = read_text_attribute(file, attribute::versions);
  provenance.fingerprint.hash = read_text_attribute(file, attribute::fingerprint);
  provenance.fingerprint.json = read_text_attribute(file, attribute::fingerprint_of);
  provenance.files = read_text_attribute(file, attribute::files);

  std::uint64_t checksum = 0;
  read_number_attribute(file, attribute::tables_checksum, hdf5_type<std::uint64_t>(), &checksum);
  if (checksum != checksum_of_all(format, tables, class_names, provenance))
    throw Hdf5Failure("its tables do not match their checksum");
  try {
    provenance.class_names = nlohmann::json::parse(class_names).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    throw Hdf5Failure("its attribute 'class_names' is not a JSON list of texts");
  }
}

}  // namespace fergraph
