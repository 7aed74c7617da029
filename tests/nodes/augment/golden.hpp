// What Pillow made of pictures, read from two kinds of HDF5 file.
#pragma once

#include <opencv2/core.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace fergraph::test {

struct GoldenCase {
  std::string operation;
  std::vector<double> values;  // its magnitudes
  std::vector<cv::Mat> from;   // uint8 [H,W,3]
  std::vector<cv::Mat> to;
};

/// Of a file that tests/packs/make_views.py wrote.
std::vector<GoldenCase> packed_cases(const std::filesystem::path& file);

/// Of a file with /input [N,H,W,3] and /OPERATION/I/output, the magnitude in the attribute `value` of OPERATION/I.
std::vector<GoldenCase> grouped_cases(const std::filesystem::path& file);

}  // namespace fergraph::test
