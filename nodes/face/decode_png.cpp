// Decodes PNG with libpng: its errors become the reason, its warnings are dropped, and nothing is printed.
#include "nodes/face/decode_formats.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include <png.h>

namespace fergraph::formats {
namespace {

struct PngErrors {
  char message[200];
};

[[noreturn]] void png_fatal(png_structp png, png_const_charp message) {
  auto* errors = static_cast<PngErrors*>(png_get_error_ptr(png));
  std::snprintf(errors->message, sizeof errors->message, "%s", message);
  png_longjmp(png, 1);
}

void png_silent(png_structp, png_const_charp) {}

struct PngSource {
  Bytes bytes;
  std::size_t at = 0;
};

void png_read_source(png_structp png, png_bytep out, std::size_t size) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (source->bytes.size() - source->at < size) png_error(png, "the file ends early");
  std::memcpy(out, source->bytes.data() + source->at, size);
  source->at += size;
}

// Nothing in this function may have a destructor: errors jump over it.
bool decode_png_rows(png_structp png, png_infop info, PngSource* source, const DecodeLimits* limits, cv::Mat* pixels,
                     HeaderResult* result) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_read_fn(png, source, png_read_source);
  png_set_user_limits(png, 1 << 20, 1 << 20);
  png_read_info(png, info);
  check_header(png_get_image_width(png, info), png_get_image_height(png, info), *limits, result);
  if (!result->reason.empty()) return true;
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  pixels->create(static_cast<int>(png_get_image_height(png, info)), static_cast<int>(png_get_image_width(png, info)),
                 CV_8UC3);
  if (png_get_rowbytes(png, info) != static_cast<std::size_t>(pixels->cols) * 3) png_error(png, "unusual pixel format");
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < pixels->rows; ++y) png_read_row(png, pixels->ptr(y), nullptr);
  }
  png_read_end(png, info);
  png_bytep exif = nullptr;
  png_uint_32 exif_size = 0;
  if (png_get_eXIf_1(png, info, &exif_size, &exif) != 0) result->orientation = exif_orientation({exif, exif_size});
  return true;
}

}  // namespace

Decoded decode_png(Bytes bytes, const DecodeLimits& limits) {
  // Before libpng sees it, whose own limits say less.
  HeaderReader header{bytes, true};
  const std::uint32_t width = header.u32(16), height = header.u32(20);
  if (begins_with(bytes, "IHDR", 12) && !header.ended) {
    if (std::string reason = check_size(width, height, limits); !reason.empty()) return failed(std::move(reason));
  }
  PngErrors errors{};
  PngSource source{bytes};
  cv::Mat pixels;
  HeaderResult result;
  struct Reader {
    png_structp png;
    png_infop info;
    ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  } reader{png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors, png_fatal, png_silent), nullptr};
  if (reader.png) reader.info = png_create_info_struct(reader.png);
  if (!reader.info) return failed("There is no memory to decode the PNG.");
  if (!decode_png_rows(reader.png, reader.info, &source, &limits, &pixels, &result)) {
    return failed("The PNG is truncated or damaged (" + std::string(errors.message) + ").");
  }
  if (!result.reason.empty()) return failed(std::move(result.reason));
  return {upright(pixels, result.orientation), {}, {}};
}

}  // namespace fergraph::formats
