// Makes NumPy files byte by byte, as tests want them.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

namespace fergraph::test {

inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 255);
  return text;
}
inline std::string float64(double value) { return little(std::bit_cast<std::uint64_t>(value), 8); }

inline std::string npy_with_header(const std::string& header, const std::string& data, int version = 1) {
  return std::string("\x93NUMPY") + static_cast<char>(version) + '\0' + little(header.size(), version == 1 ? 2 : 4) +
         header + data;
}
inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data, int version = 1) {
  return npy_with_header("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }          \n",
                         data, version);
}

}  // namespace fergraph::test
