// Decodes JPEG with libjpeg: a file that libjpeg had to mend is refused, and nothing is printed.
#include "nodes/face/decode_formats.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

// After <cstdio>, which it needs and does not include.
#include <jerror.h>
#include <jpeglib.h>

namespace fergraph::formats {
namespace {

// libjpeg's errors jump back to where decoding began; its warnings are kept instead of printed.
struct JpegErrors {
  jpeg_error_mgr base;
  std::jmp_buf back;
  char fatal[JMSG_LENGTH_MAX];
  char damage[JMSG_LENGTH_MAX];
};

[[noreturn]] void jpeg_fatal(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  errors->base.format_message(info, errors->fatal);
  std::longjmp(errors->back, 1);
}

void jpeg_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace, no warning
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  ++errors->base.num_warnings;
  switch (errors->base.msg_code) {
    // Oddities that leave every pixel as it was meant. All other warnings tell of pixels that were made up.
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
      return;
    default:
      break;
  }
  if (errors->damage[0] == '\0') errors->base.format_message(info, errors->damage);
}

void jpeg_silent(j_common_ptr) {}

// A small file can declare scans without end, each of which costs a pass over the picture.
void jpeg_count_scans(j_common_ptr info) {
  constexpr int most_scans = 500;
  if (info->is_decompressor && reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > most_scans) {
    ERREXIT(info, JERR_BAD_PROGRESSION);
  }
}

void cmyk_to_rgb(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t width, bool inverted) {
  for (std::size_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int black = inverted ? cmyk[3] : 255 - cmyk[3];
    for (int i = 0; i < 3; ++i) {
      const int ink = inverted ? cmyk[i] : 255 - cmyk[i];
      // OpenCV's rounding of ink * black / 255.
      rgb[i] = static_cast<std::uint8_t>(black - ((255 - ink) * black >> 8));
    }
  }
}

// Nothing in this function may have a destructor: errors jump over it.
bool decode_jpeg_rows(jpeg_decompress_struct* info, JpegErrors* errors, Bytes bytes, const DecodeLimits* limits,
                      cv::Mat* pixels, std::vector<std::uint8_t>* cmyk_row, jpeg_progress_mgr* progress,
                      HeaderResult* result) {
  if (setjmp(errors->back) != 0) return false;
  jpeg_create_decompress(info);
  info->progress = progress;
  jpeg_mem_src(info, bytes.data(), bytes.size());
  jpeg_save_markers(info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(info, TRUE);
  check_header(info->image_width, info->image_height, *limits, result);
  if (!result->reason.empty()) return true;
  for (jpeg_saved_marker_ptr marker = info->marker_list; marker; marker = marker->next) {
    if (marker->data_length > 6 && std::memcmp(marker->data, "Exif\0\0", 6) == 0) {
      result->orientation = exif_orientation({marker->data + 6, marker->data_length - 6});
      break;
    }
  }
  const bool cmyk = info->num_components == 4;
  info->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(info);
  pixels->create(static_cast<int>(info->output_height), static_cast<int>(info->output_width), CV_8UC3);
  if (cmyk) cmyk_row->resize(std::size_t{4} * info->output_width);
  while (info->output_scanline < info->output_height) {
    std::uint8_t* rgb = pixels->ptr(static_cast<int>(info->output_scanline));
    JSAMPROW row = cmyk ? cmyk_row->data() : rgb;
    jpeg_read_scanlines(info, &row, 1);
    if (cmyk) cmyk_to_rgb(row, rgb, info->output_width, info->saw_Adobe_marker != 0);
  }
  jpeg_finish_decompress(info);
  return true;
}

}  // namespace

Decoded decode_jpeg(Bytes bytes, const DecodeLimits& limits) {
  JpegErrors errors{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_fatal;
  errors.base.emit_message = jpeg_message;
  errors.base.output_message = jpeg_silent;
  progress.progress_monitor = jpeg_count_scans;
  cv::Mat pixels;
  std::vector<std::uint8_t> cmyk_row;
  HeaderResult result;
  struct Destroy {
    jpeg_decompress_struct* info;
    ~Destroy() { jpeg_destroy_decompress(info); }
  } destroy{&info};
  if (!decode_jpeg_rows(&info, &errors, bytes, &limits, &pixels, &cmyk_row, &progress, &result)) {
    // Where the file ended early, that is the cause and the error its effect.
    if (errors.damage[0] != '\0') {
      return failed("The JPEG is truncated or damaged (" + std::string(errors.damage) + ").");
    }
    return failed("The JPEG cannot be decoded (" + std::string(errors.fatal) + ").");
  }
  if (!result.reason.empty()) return failed(std::move(result.reason));
  if (errors.damage[0] != '\0') {
    return failed("The JPEG is truncated or damaged (" + std::string(errors.damage) + ").");
  }
  return {upright(pixels, result.orientation), {}};
}

}  // namespace fergraph::formats
