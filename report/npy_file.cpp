#include "report/npy_file.hpp"

#include <fstream>
#include <string>

#include "graph/problem.hpp"

namespace fergraph {

void write_npy(const std::filesystem::path& file, const torch::Tensor& array) {
  const torch::Tensor rows = array.to(torch::kCPU, torch::kFloat32).contiguous();
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows.size(0)) + ", " +
                       std::to_string(rows.size(1)) + "), }";
  // Magic, version and length are 10 bytes; the numbers begin at a multiple of 64.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  const std::filesystem::path partial = file.string() + ".partial";
  std::ofstream out(partial, std::ios::binary);
  out << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() & 255) << static_cast<char>(header.size() >> 8)
      << header;
  out.write(static_cast<const char*>(rows.data_ptr()), static_cast<std::streamsize>(rows.numel() * 4));
  out.close();
  if (!out) {
    std::error_code ignored;
    std::filesystem::remove(partial, ignored);
    throw RunError("'" + file.string() + "' could not be written. Check the folder and the free space.");
  }
  std::filesystem::rename(partial, file);
}

}  // namespace fergraph
