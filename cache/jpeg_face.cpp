#include "cache/jpeg_face.hpp"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

namespace fergraph {

namespace {

// libjpeg's errors jump back to where the work began; the first warning is kept instead of printed.
struct Errors {
  jpeg_error_mgr base;
  std::jmp_buf back;
  char text[JMSG_LENGTH_MAX];
};

[[noreturn]] void jump_back(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  // A warning before it is the cause.
  if (errors->text[0] == '\0') errors->base.format_message(info, errors->text);
  std::longjmp(errors->back, 1);
}

void keep_warning(j_common_ptr info, int level) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  if (level < 0 && errors->text[0] == '\0') errors->base.format_message(info, errors->text);
}

void print_nothing(j_common_ptr) {}

jpeg_error_mgr* prepare(Errors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = jump_back;
  errors.base.emit_message = keep_warning;
  errors.base.output_message = print_nothing;
  return &errors.base;
}

// Nothing in the next two functions may have a destructor: errors jump over it.
bool compress(jpeg_compress_struct* info, Errors* errors, const std::uint8_t* pixels, FaceShape shape, int quality,
              unsigned char** bytes, unsigned long* size) {
  if (setjmp(errors->back) != 0) return false;
  jpeg_create_compress(info);
  jpeg_mem_dest(info, bytes, size);
  info->image_width = static_cast<JDIMENSION>(shape.width);
  info->image_height = static_cast<JDIMENSION>(shape.height);
  info->input_components = 3;
  info->in_color_space = JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  info->dct_method = JDCT_ISLOW;
  info->optimize_coding = TRUE;
  for (int i = 0; i < info->num_components; ++i)
    info->comp_info[i].h_samp_factor = info->comp_info[i].v_samp_factor = 1;
  jpeg_start_compress(info, TRUE);
  const std::size_t stride = static_cast<std::size_t>(shape.width) * 3;
  while (info->next_scanline < info->image_height) {
    // libjpeg takes rows without const and does not write to them.
    auto* row = const_cast<JSAMPLE*>(pixels + info->next_scanline * stride);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
  return true;
}

// What the header must say before libjpeg sets anything aside for the picture.
const char* wrong_header(const jpeg_decompress_struct& info, FaceShape shape) {
  if (info.image_width != static_cast<JDIMENSION>(shape.width) ||
      info.image_height != static_cast<JDIMENSION>(shape.height))
    return "the JPEG is of another size than the cache's faces";
  if (info.num_components != 3) return "the JPEG is not of three colours";
  if (info.progressive_mode) return "the JPEG is progressive";
  return nullptr;
}

bool decompress(jpeg_decompress_struct* info, Errors* errors, const std::uint8_t* bytes, std::size_t size,
                FaceShape shape, std::uint8_t* pixels, const char** wrong) {
  if (setjmp(errors->back) != 0) return false;
  jpeg_create_decompress(info);
  jpeg_mem_src(info, bytes, size);
  jpeg_read_header(info, TRUE);
  *wrong = wrong_header(*info, shape);
  if (*wrong) return false;
  info->out_color_space = JCS_RGB;
  info->dct_method = JDCT_ISLOW;
  jpeg_start_decompress(info);
  const std::size_t stride = static_cast<std::size_t>(shape.width) * 3;
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = pixels + info->output_scanline * stride;
    jpeg_read_scanlines(info, &row, 1);
  }
  jpeg_finish_decompress(info);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_jpeg(std::span<const std::uint8_t> pixels, FaceShape shape, int quality) {
  Errors errors{};
  jpeg_compress_struct info{};
  info.err = prepare(errors);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool done = compress(&info, &errors, pixels.data(), shape, quality, &bytes, &size);
  jpeg_destroy_compress(&info);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(bytes, &std::free);
  // With a size, a quality and pixels that are right, only memory can fail it.
  if (!done) throw std::bad_alloc();
  return {bytes, bytes + size};
}

std::string decode_jpeg(std::span<const std::uint8_t> bytes, FaceShape shape, std::span<std::uint8_t> pixels) {
  Errors errors{};
  jpeg_decompress_struct info{};
  info.err = prepare(errors);
  const char* wrong = nullptr;
  const bool done = decompress(&info, &errors, bytes.data(), bytes.size(), shape, pixels.data(), &wrong);
  jpeg_destroy_decompress(&info);
  if (wrong) return wrong;
  if (done && errors.text[0] == '\0') return {};
  return std::string("the JPEG cannot be decoded: ") + errors.text;
}

}  // namespace fergraph
