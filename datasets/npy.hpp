// Reads small NumPy files (.npy): numbers and strings, never pickled objects.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace fergraph {

/// Limits on what a file may ask for; compared with the header before anything is allocated.
struct NpyLimits {
  std::size_t max_bytes = std::size_t{16} << 20;
  std::size_t max_elements = std::size_t{1} << 20;
};

/// An array without or with one dimension. Booleans become 0 and 1; strings lose the zeros that pad them, and those of
/// kind U become UTF-8.
struct NpyArray {
  bool is_scalar = false;  ///< written without a dimension: one element
  std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>> values;

  std::size_t size() const {
    return std::visit([](const auto& each) { return each.size(); }, values);
  }
};

/// Parses format versions 1 to 3 (NumPy Enhancement Proposal 1): bool, int8 to int64, uint8 to uint64 (up to the
/// largest int64), float16 to float64, byte strings and Unicode strings, little or big endian. `name` stands for the
/// file in errors. Throws DatasetError, and nothing else, for every other content: another magic or version, a header
/// that is no such dictionary, two or more dimensions, objects (they would be pickled code) and other kinds, more
/// elements than allowed, a length that is not the header's, numbers beyond int64, strings that are no Unicode.
NpyArray parse_npy(std::span<const std::uint8_t> bytes, const std::string& name, const NpyLimits& limits = {});

/// Reads and parses a file. Throws DatasetError also where it cannot be read or is larger than allowed.
NpyArray read_npy(const std::filesystem::path& file, const NpyLimits& limits = {});

}  // namespace fergraph
