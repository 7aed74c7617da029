// One small valid picture of every kind that the decoder reads, made with the formats' own libraries: what mutations
// start from. Needs OpenCV, libjpeg and libpng.
#pragma once

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <png.h>

#include "tests/jpeg_pictures.hpp"

namespace fergraph::test {

struct SmallPicture {
  std::string name;  ///< its extension stands behind the last dot: jpg, png, bmp, tiff, ppm, pgm, webp
  PictureBytes bytes;
};

/// uint8 [64,96,channels]: gradients, an edge, and a little of a pattern, so that no coefficient is always zero.
inline cv::Mat drawn_picture(int channels) {
  cv::Mat drawn(64, 96, CV_8UC(channels));
  for (int y = 0; y < drawn.rows; ++y)
    for (int x = 0; x < drawn.cols; ++x)
      for (int c = 0; c < channels; ++c)
        drawn.ptr(y)[x * channels + c] = static_cast<std::uint8_t>(
            (x * (2 + c) + y * (3 - c % 3) + (x > y ? 90 : 0) + (x * y * (c + 1)) % 13) % 256);
  return drawn;
}

/// Of that drawing, with four channels for the kinds of CMYK and one where `channels` says so.
inline PictureBytes jpeg_picture(const JpegKind& kind, int channels = 3) {
  const bool is_cmyk = kind.stored_as == JCS_CMYK || kind.stored_as == JCS_YCCK;
  return jpeg_of(drawn_picture(is_cmyk ? 4 : channels), kind);
}

struct PngKind {
  int colour = PNG_COLOR_TYPE_RGB;
  int bits = 8;
  bool is_interlaced = false;
};

inline PictureBytes png_picture(const PngKind& kind) {
  const bool is_palette = kind.colour == PNG_COLOR_TYPE_PALETTE;
  const int channels = is_palette || kind.colour == PNG_COLOR_TYPE_GRAY ? 1
                       : kind.colour == PNG_COLOR_TYPE_RGB_ALPHA        ? 4
                                                                        : 3;
  const cv::Mat drawn = drawn_picture(channels * (kind.bits == 16 ? 2 : 1));  // two bytes make a deep sample
  PictureBytes bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png)) != 0) std::abort();  // libpng has written why
  png_set_write_fn(
      png, &bytes,
      [](png_structp writer, png_bytep data, png_size_t size) {
        auto* out = static_cast<PictureBytes*>(png_get_io_ptr(writer));
        out->insert(out->end(), data, data + size);
      },
      [](png_structp) {});
  png_set_IHDR(png, info, static_cast<png_uint_32>(drawn.cols), static_cast<png_uint_32>(drawn.rows), kind.bits,
               kind.colour, kind.is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  std::array<png_color, 256> palette{};
  for (std::size_t i = 0; i < palette.size(); ++i)
    palette[i] = {static_cast<png_byte>(i), static_cast<png_byte>(255 - i), static_cast<png_byte>(i * 3)};
  if (is_palette) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  png_write_info(png, info);
  const int passes = png_set_interlace_handling(png);
  for (int pass = 0; pass < passes; ++pass)
    for (int y = 0; y < drawn.rows; ++y) png_write_row(png, drawn.ptr(y));
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

/// By OpenCV, for the formats that it writes whole.
inline PictureBytes picture_by_opencv(const std::string& extension, const cv::Mat& drawn,
                                      const std::vector<int>& parameters = {}) {
  PictureBytes bytes;
  if (!cv::imencode(extension, drawn, bytes, parameters))
    throw std::runtime_error("OpenCV cannot write " + extension + ".");
  return bytes;
}

/// A BMP of 16 bits with masks of its own, which OpenCV does not write.
inline PictureBytes bmp_with_masks() {
  PictureBytes bytes = {'B', 'M'};
  const auto add = [&bytes](std::uint32_t number, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
  };
  constexpr std::uint32_t width = 31, height = 20, stride = 64, offset = 66;
  for (const std::uint32_t number : {offset + stride * height, 0U, offset, 40U, width, height}) add(number, 4);
  add(1, 2);
  add(16, 2);
  constexpr std::uint32_t bit_fields = 3;
  for (const std::uint32_t number : {bit_fields, stride * height, 2835U, 2835U, 0U, 0U, 0xF800U, 0x7E0U, 0x1FU})
    add(number, 4);
  for (std::uint32_t i = 0; i < stride * height; ++i) add(i * 37, 1);
  return bytes;
}

/// A grey TIFF of 40x30 pixels in one tile of 64x64, which OpenCV does not write either.
inline PictureBytes tiff_with_tile() {
  PictureBytes bytes = {'I', 'I', 42, 0, 8, 0, 0, 0};
  const auto add = [&bytes](std::uint32_t number, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> 8 * i));
  };
  constexpr std::uint32_t of_16_bits = 3, of_32_bits = 4, side = 64, entries = 10, pixels = 8 + 2 + 12 * entries + 4;
  constexpr std::array<std::array<std::uint32_t, 3>, entries> directory = {{{256, of_32_bits, 40},
                                                                            {257, of_32_bits, 30},
                                                                            {258, of_16_bits, 8},
                                                                            {259, of_16_bits, 1},
                                                                            {262, of_16_bits, 1},
                                                                            {277, of_16_bits, 1},
                                                                            {322, of_32_bits, side},
                                                                            {323, of_32_bits, side},
                                                                            {324, of_32_bits, pixels},
                                                                            {325, of_32_bits, side * side}}};
  add(entries, 2);
  for (const auto& [tag, type, value] : directory) {
    add(tag, 2);
    add(type, 2);
    add(1, 4);
    add(value, 4);
  }
  add(0, 4);
  for (std::uint32_t i = 0; i < side * side; ++i) add(i % 64 * 3 + i / 64, 1);
  return bytes;
}

inline std::vector<SmallPicture> small_pictures() {
  const cv::Mat grey = drawn_picture(1), colour = drawn_picture(3), alpha = drawn_picture(4);
  cv::Mat deep;
  colour.convertTo(deep, CV_16U, 256, 77);
  constexpr int tiff_none = 1, tiff_deflate = 8, webp_lossless = 101;
  return {
      {"baseline.jpg", jpeg_picture({})},
      {"full-chroma.jpg", jpeg_picture({.horizontal = 1, .vertical = 1})},
      {"progressive.jpg", jpeg_picture({.is_progressive = true})},
      {"arithmetic.jpg", jpeg_picture({.is_arithmetic = true})},
      {"grey.jpg", jpeg_picture({}, 1)},
      {"grey-progressive.jpg", jpeg_picture({.is_progressive = true}, 1)},
      {"cmyk.jpg", jpeg_picture({.stored_as = JCS_CMYK})},
      {"ycck.jpg", jpeg_picture({.stored_as = JCS_YCCK})},
      {"rgb.jpg", jpeg_picture({.stored_as = JCS_RGB})},
      {"turned.jpg", jpeg_picture({.orientation = 6})},
      {"turned-progressive.jpg", jpeg_picture({.is_progressive = true, .orientation = 7})},
      {"restarts.jpg", jpeg_picture({.restart_rows = 1})},
      {"colour.png", png_picture({})},
      {"deep.png", png_picture({.bits = 16})},
      {"palette.png", png_picture({.colour = PNG_COLOR_TYPE_PALETTE})},
      {"alpha.png", png_picture({.colour = PNG_COLOR_TYPE_RGB_ALPHA})},
      {"grey.png", png_picture({.colour = PNG_COLOR_TYPE_GRAY})},
      {"four-bits.png", png_picture({.colour = PNG_COLOR_TYPE_GRAY, .bits = 4})},
      {"interlaced.png", png_picture({.is_interlaced = true})},
      {"colour.bmp", picture_by_opencv(".bmp", colour)},
      {"palette.bmp", picture_by_opencv(".bmp", grey)},
      {"alpha.bmp", picture_by_opencv(".bmp", alpha)},
      {"masks.bmp", bmp_with_masks()},
      {"lzw.tiff", picture_by_opencv(".tiff", colour)},
      {"plain.tiff", picture_by_opencv(".tiff", colour, {cv::IMWRITE_TIFF_COMPRESSION, tiff_none})},
      {"deflate.tiff", picture_by_opencv(".tiff", grey, {cv::IMWRITE_TIFF_COMPRESSION, tiff_deflate})},
      {"deep.tiff", picture_by_opencv(".tiff", deep)},
      {"tile.tiff", tiff_with_tile()},
      {"colour.ppm", picture_by_opencv(".ppm", colour)},
      {"grey.pgm", picture_by_opencv(".pgm", grey)},
      {"deep.ppm", picture_by_opencv(".ppm", deep)},
      {"lossy.webp", picture_by_opencv(".webp", colour, {cv::IMWRITE_WEBP_QUALITY, 70})},
      {"lossless.webp", picture_by_opencv(".webp", colour, {cv::IMWRITE_WEBP_QUALITY, webp_lossless})},
      {"alpha.webp", picture_by_opencv(".webp", alpha, {cv::IMWRITE_WEBP_QUALITY, 70})},
  };
}

}  // namespace fergraph::test
