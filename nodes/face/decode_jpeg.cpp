// Decodes JPEG with libjpeg: a file that libjpeg had to mend is refused, and nothing is printed.
#include "nodes/face/decode_formats.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <optional>
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

// What is decoded of a picture, in pixels of the shrunk stored one.
struct JpegPart {
  int step = 1;
  cv::Rect rect;
  bool is_all = true;
};

// Never inlined, for the same reason as check_header().
[[gnu::noinline]] void choose_part(const DecodeRegion& region, cv::Size stored, HeaderResult* result, JpegPart* part) {
  if (!region.face) return;
  const cv::Rect wanted = stored_part(region.face->part, stored, result->orientation) & cv::Rect({0, 0}, stored);
  if (wanted.empty()) {
    result->reason = region_outside;
    return;
  }
  const int step = region.may_shrink ? region.face->step() : 1;
  part->step = step;
  const int x0 = wanted.x / step, x1 = (wanted.br().x + step - 1) / step;
  const int y0 = wanted.y / step, y1 = (wanted.br().y + step - 1) / step;
  part->rect = {x0, y0, x1 - x0, y1 - y0};
  part->is_all = step == 1 && wanted.size() == stored;
}

struct JpegRows {
  cv::Mat pixels;
  /// The part's first column in the pixels, which begin where a block begins.
  int left = 0;
  cv::Size stored;
  HeaderResult header;
  JpegPart part;
  /// How much of the file was looked at, where decoding ended before it.
  std::optional<std::size_t> stopped_at;
  std::vector<std::uint8_t> row;
};

// Nothing in this function may have a destructor: errors jump over it.
bool decode_jpeg_rows(jpeg_decompress_struct* info, JpegErrors* errors, Bytes bytes, const DecodeLimits* limits,
                      const DecodeRegion* region, jpeg_progress_mgr* progress, JpegRows* out) {
  if (setjmp(errors->back) != 0) return false;
  jpeg_create_decompress(info);
  info->progress = progress;
  jpeg_mem_src(info, bytes.data(), bytes.size());
  jpeg_save_markers(info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(info, TRUE);
  check_header(info->image_width, info->image_height, *limits, &out->header);
  if (!out->header.reason.empty()) return true;
  for (jpeg_saved_marker_ptr marker = info->marker_list; marker; marker = marker->next) {
    if (marker->data_length > 6 && std::memcmp(marker->data, "Exif\0\0", 6) == 0) {
      out->header.orientation = exif_orientation({marker->data + 6, marker->data_length - 6});
      break;
    }
  }
  out->stored = {static_cast<int>(info->image_width), static_cast<int>(info->image_height)};
  choose_part(*region, out->stored, &out->header, &out->part);
  if (!out->header.reason.empty()) return true;
  const bool cmyk = info->num_components == 4;
  info->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  info->scale_num = 1;
  info->scale_denom = static_cast<unsigned>(out->part.step);
  jpeg_start_decompress(info);
  JDIMENSION first_row = 0, end_row = info->output_height;
  if (!out->part.is_all) {
    const cv::Rect& rect = out->part.rect;
    // Colour is stored at half the size and interpolated from its neighbours, which are missing at the edge of what is
    // decoded: so a little more is.
    constexpr int margin = 16;
    JDIMENSION left = static_cast<JDIMENSION>(rect.x > margin ? rect.x - margin : 0);
    JDIMENSION width = static_cast<JDIMENSION>(rect.br().x + margin) - left;
    if (width > info->output_width - left) width = info->output_width - left;
    if (width < info->output_width) jpeg_crop_scanline(info, &left, &width);
    out->left = rect.x - static_cast<int>(left);
    first_row = static_cast<JDIMENSION>(rect.y);
    end_row = static_cast<JDIMENSION>(rect.br().y);
    if (first_row > 0) jpeg_skip_scanlines(info, first_row);
  }
  out->pixels.create(static_cast<int>(end_row - first_row), static_cast<int>(info->output_width), CV_8UC3);
  if (cmyk) out->row.resize(std::size_t{4} * info->output_width);
  while (info->output_scanline < end_row) {
    std::uint8_t* rgb = out->pixels.ptr(static_cast<int>(info->output_scanline - first_row));
    JSAMPROW row = cmyk ? out->row.data() : rgb;
    jpeg_read_scanlines(info, &row, 1);
    if (cmyk) cmyk_to_rgb(row, rgb, info->output_width, info->saw_Adobe_marker != 0);
  }
  if (info->output_scanline < info->output_height) {
    // A progressive picture has been read to its end by now. And where the part's last rows are the last that are
    // stored, their decoding has met the end marker and taken it from the bytes; one that libjpeg made up because the
    // file ended came with a warning.
    if (!jpeg_input_complete(info) && info->unread_marker != JPEG_EOI)
      out->stopped_at = bytes.size() - info->src->bytes_in_buffer;
    jpeg_abort_decompress(info);
  } else {
    jpeg_finish_decompress(info);
  }
  return true;
}

// Whether the marker that ends a picture comes behind what was decoded: in its data 0xFF never stands before 0xD9.
bool has_end_marker(Bytes bytes, std::size_t from) {
  for (std::size_t i = bytes.size(); i >= from + 2; --i)
    if (bytes[i - 2] == 0xFF && bytes[i - 1] == 0xD9) return true;
  return false;
}

}  // namespace

Decoded decode_jpeg(Bytes bytes, const DecodeLimits& limits, const DecodeRegion& region) {
  JpegErrors errors{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_fatal;
  errors.base.emit_message = jpeg_message;
  errors.base.output_message = jpeg_silent;
  progress.progress_monitor = jpeg_count_scans;
  JpegRows rows;
  struct Destroy {
    jpeg_decompress_struct* info;
    ~Destroy() { jpeg_destroy_decompress(info); }
  } destroy{&info};
  if (!decode_jpeg_rows(&info, &errors, bytes, &limits, &region, &progress, &rows)) {
    // Where the file ended early, that is the cause and the error its effect.
    if (errors.damage[0] != '\0') {
      return failed("The JPEG is truncated or damaged (" + std::string(errors.damage) + ").");
    }
    return failed("The JPEG cannot be decoded (" + std::string(errors.fatal) + ").");
  }
  if (!rows.header.reason.empty()) return failed(std::move(rows.header.reason));
  if (errors.damage[0] != '\0') {
    return failed("The JPEG is truncated or damaged (" + std::string(errors.damage) + ").");
  }
  if (rows.stopped_at && !has_end_marker(bytes, *rows.stopped_at))
    return failed("The JPEG is truncated or damaged (it has no end marker).");
  const int orientation = rows.header.orientation;
  if (rows.part.is_all) return {upright(rows.pixels, orientation), {}, {}};
  const cv::Rect& rect = rows.part.rect;
  const int step = rows.part.step;
  const cv::Mat part = rows.pixels(cv::Rect(rows.left, 0, rect.width, rect.height));
  const cv::Rect window =
      upright_part({rect.x * step, rect.y * step, rect.width * step, rect.height * step}, rows.stored, orientation);
  const cv::Rect whole = upright_part({{0, 0}, rows.stored}, rows.stored, orientation);
  return {upright(part, orientation), {window.x, window.y, step, whole.width, whole.height}, {}};
}

}  // namespace fergraph::formats
