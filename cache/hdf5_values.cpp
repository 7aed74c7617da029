#include "cache/hdf5_values.hpp"

#include <cstdint>

namespace fergraph {

template <>
hid_t hdf5_type<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
hid_t hdf5_type<std::int64_t>() {
  return H5T_STD_I64LE;
}
template <>
hid_t hdf5_type<std::uint64_t>() {
  return H5T_STD_U64LE;
}
template <>
hid_t hdf5_type<float>() {
  return H5T_IEEE_F32LE;
}

namespace {

std::string quoted(const char* name) { return "'" + std::string(name) + "'"; }

Hdf5Handle utf8_type(std::size_t width) {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "making a text type");
  hdf5_checked(H5Tset_size(type, width), "making a text type");
  hdf5_checked(H5Tset_cset(type, H5T_CSET_UTF8), "making a text type");
  hdf5_checked(H5Tset_strpad(type, H5T_STR_NULLPAD), "making a text type");
  return type;
}

Hdf5Handle make_attribute(hid_t object, const char* name, hid_t type) {
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "making a dataspace");
  return {H5Acreate2(object, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
          "making the attribute " + quoted(name)};
}

Hdf5Handle open_attribute(hid_t file, const char* name) {
  if (!has_attribute(file, name)) throw Hdf5Failure("it has no attribute " + quoted(name));
  Hdf5Handle attribute(H5Aopen(file, name, H5P_DEFAULT), H5Aclose, "opening the attribute " + quoted(name));
  const Hdf5Handle space(H5Aget_space(attribute), H5Sclose, "opening the attribute " + quoted(name));
  if (H5Sget_simple_extent_npoints(space) != 1)
    throw Hdf5Failure("its attribute " + quoted(name) + " holds more than one value");
  return attribute;
}

hsize_t file_size(hid_t file) {
  hsize_t size = 0;
  hdf5_checked(H5Fget_filesize(file, &size), "asking HDF5 for the size of the file");
  return size;
}

std::string shown(const Dimensions& dimensions) {
  std::string text = "[";
  for (std::size_t i = 0; i < dimensions.size(); ++i) text += (i ? ", " : "") + std::to_string(dimensions[i]);
  return text + "]";
}

void require_dimensions(hid_t dataset, const char* name, const Dimensions& wanted) {
  const Dimensions found = dimensions_of(dataset);
  if (found != wanted)
    throw Hdf5Failure("its dataset " + quoted(name) + " has the shape " + shown(found) + " instead of " +
                      shown(wanted));
}

}  // namespace

Hdf5Handle untimed_dataset_properties() {
  Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "making properties");
  hdf5_checked(H5Pset_obj_track_times(properties, false), "making properties");
  return properties;
}

Hdf5Handle dataspace(const Dimensions& dimensions) {
  return {H5Screate_simple(static_cast<int>(dimensions.size()), dimensions.data(), nullptr), H5Sclose,
          "making a dataspace"};
}

void write_dataset(hid_t file, const char* name, hid_t type, const Dimensions& dimensions, const void* data) {
  const Hdf5Handle properties = untimed_dataset_properties();
  const Hdf5Handle space = dataspace(dimensions);
  Hdf5Handle dataset(H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT), H5Dclose,
                     "making the dataset " + quoted(name));
  if (H5Sget_simple_extent_npoints(space) > 0)
    hdf5_checked(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "writing the dataset " + quoted(name));
  dataset.close("closing the dataset " + quoted(name));
}

void write_text_dataset(hid_t file, const char* name, const FixedText& text) {
  write_dataset(file, name, utf8_type(text.width), {text.size()}, text.bytes.data());
}

// Of fixed width: texts of variable width lie in HDF5's global heap, which has no checksum, and a damaged one crashes
// HDF5 1.10. Here they lie in the object's header, which has one.
void write_text_attribute(hid_t object, const char* name, const std::string& text) {
  const FixedText padded({text});
  const Hdf5Handle type = utf8_type(padded.width);
  const Hdf5Handle attribute = make_attribute(object, name, type);
  hdf5_checked(H5Awrite(attribute, type, padded.bytes.data()), "writing the attribute " + quoted(name));
}

void write_number_attribute(hid_t object, const char* name, hid_t type, const void* number) {
  const Hdf5Handle attribute = make_attribute(object, name, type);
  hdf5_checked(H5Awrite(attribute, type, number), "writing the attribute " + quoted(name));
}

Hdf5Handle open_dataset(hid_t file, const char* name) {
  // Asked link by link: H5Lexists fails when a group on the way is missing.
  const std::string path = name;
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    if (H5Lexists(file, path.substr(0, end).c_str(), H5P_DEFAULT) <= 0)
      throw Hdf5Failure("it has no dataset " + quoted(name));
    if (end == std::string::npos) break;
  }
  return {H5Dopen2(file, name, H5P_DEFAULT), H5Dclose, "opening the dataset " + quoted(name)};
}

Dimensions dimensions_of(hid_t dataset) {
  const Hdf5Handle space(H5Dget_space(dataset), H5Sclose, "reading a dataset's shape");
  Dimensions dimensions(static_cast<std::size_t>(hdf5_checked(H5Sget_simple_extent_ndims(space), "reading a shape")));
  hdf5_checked(H5Sget_simple_extent_dims(space, dimensions.data(), nullptr), "reading a dataset's shape");
  return dimensions;
}

void require_dataset(hid_t dataset, const char* name, hid_t type, const Dimensions& dimensions) {
  const Hdf5Handle found(H5Dget_type(dataset), H5Tclose, "reading a dataset's type");
  if (H5Tequal(found, type) <= 0)
    throw Hdf5Failure("its dataset " + quoted(name) + " holds another type of number than a face cache does");
  require_dimensions(dataset, name, dimensions);
}

std::size_t stored_count(hid_t file, hid_t dataset, const char* name, const Dimensions& dimensions, std::size_t width) {
  hsize_t count = 1, bytes = 0;
  bool countable = width > 0;
  for (const hsize_t dimension : dimensions) countable = countable && !__builtin_mul_overflow(count, dimension, &count);
  countable = countable && !__builtin_mul_overflow(count, width, &bytes);
  if (!countable || bytes > H5Dget_storage_size(dataset) || bytes > file_size(file))
    throw Hdf5Failure("its dataset " + quoted(name) + " says that it holds more than the file does");
  return count;
}

bool has_attribute(hid_t file, const char* name) { return H5Aexists(file, name) > 0; }

std::string read_text_attribute(hid_t file, const char* name) {
  const Hdf5Handle attribute = open_attribute(file, name);
  const Hdf5Handle found(H5Aget_type(attribute), H5Tclose, "reading the attribute " + quoted(name));
  if (H5Tget_class(found) != H5T_STRING || H5Tis_variable_str(found) != 0)
    throw Hdf5Failure("its attribute " + quoted(name) + " is not text of a fixed width");
  FixedText text;
  text.width = H5Tget_size(found);
  if (text.width == 0 || text.width > file_size(file))
    throw Hdf5Failure("its attribute " + quoted(name) + " says that it holds more than the file does");
  text.bytes.resize(text.width);
  hdf5_checked(H5Aread(attribute, found, text.bytes.data()), "reading the attribute " + quoted(name));
  return std::string(text.at(0));
}

void read_number_attribute(hid_t file, const char* name, hid_t type, void* number) {
  const Hdf5Handle attribute = open_attribute(file, name);
  hdf5_checked(H5Aread(attribute, type, number), "reading the attribute " + quoted(name));
}

FixedText read_text_dataset(hid_t file, const char* name, hsize_t count) {
  const Hdf5Handle dataset = open_dataset(file, name);
  const Hdf5Handle type(H5Dget_type(dataset), H5Tclose, "reading the type of " + quoted(name));
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0)
    throw Hdf5Failure("its dataset " + quoted(name) + " is not text of one width");
  require_dimensions(dataset, name, {count});
  FixedText text;
  text.width = H5Tget_size(type);
  text.bytes.resize(text.width * stored_count(file, dataset, name, {count}, text.width));
  if (count > 0)
    hdf5_checked(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.bytes.data()), "reading " + quoted(name));
  return text;
}

void read_dataset(hid_t file, const char* name, hid_t type, const Dimensions& dimensions, void* data) {
  const Hdf5Handle dataset = open_dataset(file, name);
  require_dataset(dataset, name, type, dimensions);
  if (dimensions.empty() || dimensions.front() == 0) return;
  hdf5_checked(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "reading the dataset " + quoted(name));
}

}  // namespace fergraph
