#include "tests/nodes/augment/golden.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace fergraph::test {
namespace {

hid_t checked(hid_t id, const std::string& what) {
  if (id < 0) throw std::runtime_error("HDF5 could not read " + what + ".");
  return id;
}

// An open HDF5 object and what closes it.
struct Handle {
  Handle(hid_t opened, herr_t (*closes)(hid_t), const std::string& what) : id(checked(opened, what)), close(closes) {}
  ~Handle() { close(id); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  hid_t id;
  herr_t (*close)(hid_t);
};

template <class T>
struct Array {
  std::vector<hsize_t> shape;
  std::vector<T> values;
};

template <class T>
Array<T> dataset(hid_t file, const std::string& path, hid_t type) {
  const Handle set(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose, path);
  const Handle space(H5Dget_space(set.id), H5Sclose, path);
  Array<T> array;
  array.shape.resize(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.id)));
  H5Sget_simple_extent_dims(space.id, array.shape.data(), nullptr);
  array.values.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id)));
  checked(H5Dread(set.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data()), path);
  return array;
}

std::vector<double> numbers_of_attribute(hid_t group, const char* name) {
  const Handle attribute(H5Aopen(group, name, H5P_DEFAULT), H5Aclose, name);
  const Handle space(H5Aget_space(attribute.id), H5Sclose, name);
  std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id)));
  checked(H5Aread(attribute.id, H5T_NATIVE_DOUBLE, values.data()), name);
  return values;
}

std::string text_of_attribute(hid_t group, const char* name) {
  const Handle attribute(H5Aopen(group, name, H5P_DEFAULT), H5Aclose, name);
  const Handle type(H5Aget_type(attribute.id), H5Tclose, name);
  char* text = nullptr;
  checked(H5Aread(attribute.id, type.id, &text), name);
  std::string copy = text;
  H5free_memory(text);
  return copy;
}

std::vector<cv::Mat> pictures(const std::uint8_t* pixels, std::size_t count, int height, int width) {
  std::vector<cv::Mat> all;
  for (std::size_t i = 0; i < count; ++i) {
    cv::Mat picture(height, width, CV_8UC3);
    std::memcpy(picture.data, pixels + i * picture.total() * 3, picture.total() * 3);
    all.push_back(std::move(picture));
  }
  return all;
}

std::vector<cv::Mat> pictures_at(hid_t file, const std::string& path) {
  const auto array = dataset<std::uint8_t>(file, path, H5T_NATIVE_UINT8);
  return pictures(array.values.data(), array.shape.at(0), static_cast<int>(array.shape.at(1)),
                  static_cast<int>(array.shape.at(2)));
}

std::vector<std::string> names_in(hid_t group) {
  std::vector<std::string> names;
  const auto note = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  checked(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, note, &names), "a group's names");
  return names;
}

}  // namespace

std::vector<GoldenCase> packed_cases(const std::filesystem::path& path) {
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path.string());
  const auto input = pictures_at(file.id, "input");
  const auto flat = pictures_at(file.id, "flat");
  const auto values = dataset<double>(file.id, "values", H5T_NATIVE_DOUBLE).values;
  const auto sizes = dataset<std::int64_t>(file.id, "sizes", H5T_NATIVE_INT64).values;
  const auto pixels = dataset<std::uint8_t>(file.id, "pixels", H5T_NATIVE_UINT8).values;
  std::istringstream names(text_of_attribute(file.id, "names"));
  std::vector<GoldenCase> cases;
  std::size_t at = 0, number = 0;
  for (GoldenCase each; std::getline(names, each.operation); ++number) {
    const bool is_flat = each.operation.starts_with("flat_");
    if (is_flat) each.operation.erase(0, 5);
    each.from = is_flat ? flat : input;
    each.values.assign(values.begin() + 4 * static_cast<std::ptrdiff_t>(number),
                       values.begin() + 4 * static_cast<std::ptrdiff_t>(number) + 4);
    each.to = pictures(pixels.data() + at, each.from.size(), static_cast<int>(sizes.at(2 * number)),
                       static_cast<int>(sizes.at(2 * number + 1)));
    for (const cv::Mat& picture : each.to) at += picture.total() * 3;
    cases.push_back(each);
  }
  if (at != pixels.size()) throw std::runtime_error("The sizes in " + path.string() + " do not fit its pixels.");
  return cases;
}

std::vector<GoldenCase> grouped_cases(const std::filesystem::path& path) {
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path.string());
  const auto input = pictures_at(file.id, "input");
  std::vector<GoldenCase> cases;
  for (const std::string& operation : names_in(file.id)) {
    if (operation == "input") continue;
    const Handle group(H5Gopen2(file.id, operation.c_str(), H5P_DEFAULT), H5Gclose, operation);
    for (const std::string& number : names_in(group.id)) {
      const Handle one(H5Gopen2(group.id, number.c_str(), H5P_DEFAULT), H5Gclose, number);
      cases.push_back({operation, numbers_of_attribute(one.id, "value"), input,
                       pictures_at(file.id, operation + "/" + number + "/output")});
    }
  }
  return cases;
}

}  // namespace fergraph::test
