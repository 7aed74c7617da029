// JPEGs of every kind that there is, by libjpeg: what OpenCV does not write.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

namespace fergraph::test {

using PictureBytes = std::vector<std::uint8_t>;

struct JpegKind {
  J_COLOR_SPACE stored_as = JCS_YCbCr;  ///< of colours; a grey picture is stored as grey
  int horizontal = 2, vertical = 2;     ///< pixels per sample of colour, where it is YCbCr
  bool is_progressive = false;
  bool is_arithmetic = false;
  int restart_rows = 0;
  int orientation = 0;  ///< of an EXIF segment; 0: none
  int quality = 80;
};

/// Of uint8 [H,W,1] grey, [H,W,3] RGB or [H,W,4] CMYK pixels.
inline PictureBytes jpeg_of(const cv::Mat& pixels, const JpegKind& kind) {
  const int components = pixels.channels();
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(pixels.cols);
  info.image_height = static_cast<JDIMENSION>(pixels.rows);
  info.input_components = components;
  info.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  if (components != 1) jpeg_set_colorspace(&info, kind.stored_as);
  if (components == 3 && kind.stored_as == JCS_YCbCr) {
    info.comp_info[0].h_samp_factor = kind.horizontal;
    info.comp_info[0].v_samp_factor = kind.vertical;
  }
  jpeg_set_quality(&info, kind.quality, TRUE);
  if (kind.is_progressive) jpeg_simple_progression(&info);
  info.arith_code = kind.is_arithmetic ? TRUE : FALSE;
  info.restart_in_rows = kind.restart_rows;
  jpeg_start_compress(&info, TRUE);
  if (kind.orientation > 0) {
    using namespace std::string_view_literals;
    std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0"sv);
    exif[exif.find('?')] = static_cast<char>(kind.orientation);
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
  }
  for (int y = 0; y < pixels.rows; ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels.ptr(y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  PictureBytes bytes(buffer, buffer + size);
  jpeg_destroy_compress(&info);
  std::free(buffer);
  return bytes;
}

}  // namespace fergraph::test
