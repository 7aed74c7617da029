// Reading and writing whole datasets and attributes of one HDF5 file: numbers, fixed-width text, no timestamps.
// Internal to cache/; call under an Hdf5Lock. Everything throws Hdf5Failure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cache/fixed_text.hpp"
#include "cache/hdf5_handle.hpp"

namespace fergraph {

using Dimensions = std::vector<hsize_t>;

/// The file type of a number, little-endian, which is also how it lies in memory.
template <typename Number>
hid_t hdf5_type();

/// Properties that leave no timestamp on the object made with them.
Hdf5Handle untimed_dataset_properties();
Hdf5Handle dataspace(const Dimensions& dimensions);

void write_dataset(hid_t file, const char* name, hid_t type, const Dimensions& dimensions, const void* data);
void write_text_dataset(hid_t file, const char* name, const FixedText& text);
void write_text_attribute(hid_t object, const char* name, const std::string& text);
void write_number_attribute(hid_t object, const char* name, hid_t type, const void* number);

template <typename Number>
void write_numbers(hid_t file, const char* name, const Dimensions& dimensions, const std::vector<Number>& numbers) {
  write_dataset(file, name, hdf5_type<Number>(), dimensions, numbers.data());
}

Hdf5Handle open_dataset(hid_t file, const char* name);
Dimensions dimensions_of(hid_t dataset);
/// Refuses a dataset of another type or other dimensions than these.
void require_dataset(hid_t dataset, const char* name, hid_t type, const Dimensions& dimensions);

/// The number of values in a dataset of these dimensions with `width` bytes each. Refuses what the file has no room
/// for, before memory is taken for it: the counts of a damaged file may be anything.
std::size_t stored_count(hid_t file, hid_t dataset, const char* name, const Dimensions& dimensions, std::size_t width);

bool has_attribute(hid_t file, const char* name);
std::string read_text_attribute(hid_t file, const char* name);
void read_number_attribute(hid_t file, const char* name, hid_t type, void* number);
FixedText read_text_dataset(hid_t file, const char* name, hsize_t count);
void read_dataset(hid_t file, const char* name, hid_t type, const Dimensions& dimensions, void* data);

template <typename Number>
std::vector<Number> read_numbers(hid_t file, const char* name, const Dimensions& dimensions) {
  const Hdf5Handle dataset = open_dataset(file, name);
  require_dataset(dataset, name, hdf5_type<Number>(), dimensions);
  std::vector<Number> numbers(stored_count(file, dataset, name, dimensions, sizeof(Number)));
  read_dataset(file, name, hdf5_type<Number>(), dimensions, numbers.data());
  return numbers;
}

}  // namespace fergraph
