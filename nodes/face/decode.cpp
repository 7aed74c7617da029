#include "nodes/face/decode.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

// After <cstdio>, which it needs and does not include.
#include <jerror.h>
#include <jpeglib.h>
#include <png.h>

namespace fergraph {
namespace {

using Bytes = std::span<const std::uint8_t>;

Decoded failed(std::string reason) {
  Decoded decoded;
  decoded.reason = std::move(reason);
  return decoded;
}

bool begins_with(Bytes bytes, std::string_view magic, std::size_t at = 0) {
  return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

// Reads numbers out of a header; past the end they are 0, and `ended` tells.
struct HeaderReader {
  Bytes bytes;
  bool big_endian = false;
  bool ended = false;

  std::uint32_t number(std::size_t at, std::size_t size) {
    if (at > bytes.size() || bytes.size() - at < size) {
      ended = true;
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + (big_endian ? i : size - 1 - i)];
    return value;
  }
  std::uint32_t u16(std::size_t at) { return number(at, 2); }
  std::uint32_t u32(std::size_t at) { return number(at, 4); }
};

// Empty if the declared size may be decoded.
std::string check_size(std::int64_t width, std::int64_t height, const DecodeLimits& limits) {
  if (width <= 0 || height <= 0) {
    return "The header declares a picture of " + std::to_string(width) + "x" + std::to_string(height) + " pixels.";
  }
  // OpenCV's decoders refuse longer sides too; and the product cannot overflow.
  constexpr std::int64_t longest_side = 1 << 20;
  if (width > longest_side || height > longest_side || width * height > limits.max_pixels) {
    return "The header declares " + std::to_string(width) + "x" + std::to_string(height) +
           " pixels, more than the limit of " + std::to_string(limits.max_pixels) +
           "; raise the limit if the file is right.";
  }
  return {};
}

// What the header said.
struct HeaderResult {
  int orientation = 1;
  std::string reason;
};

// Never inlined: its strings must not live in a function that errors jump out of.
[[gnu::noinline]] void check_header(std::int64_t width, std::int64_t height, const DecodeLimits& limits,
                                    HeaderResult* result) {
  result->reason = check_size(width, height, limits);
}

// --- JPEG ---

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

// --- PNG ---

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
  return {upright(pixels, result.orientation), {}};
}

// --- BMP ---

// One channel of a pixel, 0 to 255, cut out with its mask.
std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
  if (mask == 0) return 0;
  while ((mask & 1) == 0) {
    mask >>= 1;
    pixel >>= 1;
  }
  return static_cast<std::uint8_t>(std::uint64_t{pixel & mask} * 255 / mask);
}

Decoded decode_bmp(Bytes bytes, const DecodeLimits& limits) {
  HeaderReader header{bytes};
  const std::size_t data = header.u32(10);
  const std::size_t header_size = header.u32(14);
  const bool core = header_size == 12;  // OS/2's
  if (!header.ended && !core && (header_size < 40 || header_size > 1024)) {
    return failed("The BMP is damaged (its header has " + std::to_string(header_size) + " bytes).");
  }
  std::int64_t width = core ? header.u16(18) : static_cast<std::int32_t>(header.u32(18));
  std::int64_t height = core ? header.u16(20) : static_cast<std::int32_t>(header.u32(22));
  const std::uint32_t bits = header.u16(core ? 24 : 28);
  const std::uint32_t compression = core ? 0 : header.u32(30);
  std::uint32_t colours = core ? 0 : header.u32(46);
  if (header.ended) return failed("The BMP is truncated (its header is not whole).");
  const bool top_down = height < 0;
  if (top_down) height = -height;
  if (std::string reason = check_size(width, height, limits); !reason.empty()) return failed(std::move(reason));

  constexpr std::uint32_t plain = 0, bit_fields = 3;
  const bool fields = compression == bit_fields && (bits == 16 || bits == 32);
  if (!fields &&
      (compression != plain || (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32))) {
    return failed("The BMP has " + std::to_string(bits) + " bits per pixel and compression " +
                  std::to_string(compression) + ", which is not supported; convert it to PNG.");
  }
  std::array<std::uint32_t, 3> masks = {0xFF0000, 0xFF00, 0xFF};
  if (bits == 16) masks = {0x7C00, 0x3E0, 0x1F};
  if (fields) masks = {header.u32(54), header.u32(58), header.u32(62)};
  std::vector<std::array<std::uint8_t, 3>> palette;
  if (bits <= 8) {
    if (colours == 0 || colours > (1u << bits)) colours = 1u << bits;
    const std::size_t entry_size = core ? 3 : 4;
    palette.resize(1u << bits);  // colours that the file does not name are black
    for (std::uint32_t i = 0; i < colours; ++i) {
      const std::size_t at = 14 + header_size + i * entry_size;
      if (at + entry_size > data) break;
      palette[i] = {static_cast<std::uint8_t>(header.number(at + 2, 1)),
                    static_cast<std::uint8_t>(header.number(at + 1, 1)),
                    static_cast<std::uint8_t>(header.number(at, 1))};
    }
  }
  const std::size_t stride = (static_cast<std::size_t>(width) * bits + 31) / 32 * 4;
  if (header.ended || data < 14 + header_size || data > bytes.size() ||
      (bytes.size() - data) / stride < static_cast<std::size_t>(height)) {
    // The padding after the last row may be missing.
    const std::size_t needed =
        stride * static_cast<std::size_t>(height - 1) + (static_cast<std::size_t>(width) * bits + 7) / 8;
    if (header.ended || data < 14 + header_size || data > bytes.size() || bytes.size() - data < needed) {
      return failed("The BMP is truncated or damaged (its pixels do not fit into the file).");
    }
  }
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  for (std::int64_t y = 0; y < height; ++y) {
    const std::uint8_t* in = bytes.data() + data + stride * static_cast<std::size_t>(y);
    std::uint8_t* out = pixels.ptr(static_cast<int>(top_down ? y : height - 1 - y));
    for (std::size_t x = 0; x < static_cast<std::size_t>(width); ++x, out += 3) {
      if (bits <= 8) {
        const std::size_t bit = x * bits;
        const auto colour = palette[static_cast<std::size_t>(in[bit / 8] >> (8 - bits - bit % 8)) & ((1u << bits) - 1)];
        std::copy(colour.begin(), colour.end(), out);
      } else if (!fields && bits >= 24) {
        const std::uint8_t* pixel = in + x * (bits / 8);
        out[0] = pixel[2];
        out[1] = pixel[1];
        out[2] = pixel[0];
      } else {
        std::uint32_t pixel = 0;
        for (std::size_t i = bits / 8; i-- > 0;) pixel = pixel << 8 | in[x * (bits / 8) + i];
        for (std::size_t i = 0; i < 3; ++i) out[i] = masked(pixel, masks[i]);
      }
    }
  }
  return {pixels, {}};
}

// --- PNM ---

Decoded decode_pnm(Bytes bytes, const DecodeLimits& limits) {
  const int channels = bytes[1] == '6' ? 3 : 1;
  std::size_t at = 2;
  std::array<std::int64_t, 3> numbers{};  // width, height, the largest value
  for (std::int64_t& number : numbers) {
    while (at < bytes.size() && (std::isspace(bytes[at]) != 0 || bytes[at] == '#')) {
      if (bytes[at] == '#') {
        while (at < bytes.size() && bytes[at] != '\n') ++at;
      } else {
        ++at;
      }
    }
    const std::size_t first = at;
    while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && at - first < 9) {
      number = number * 10 + (bytes[at++] - '0');
    }
    if (at == first) return failed("The PNM is damaged (its header is not three numbers).");
  }
  ++at;  // the one space before the pixels
  if (std::string reason = check_size(numbers[0], numbers[1], limits); !reason.empty())
    return failed(std::move(reason));
  if (numbers[2] < 1 || numbers[2] > 65535)
    return failed("The PNM is damaged (its largest value is no 16-bit number).");
  const std::size_t width = static_cast<std::size_t>(numbers[0]), height = static_cast<std::size_t>(numbers[1]);
  const std::size_t sample_size = numbers[2] > 255 ? 2 : 1;
  const std::size_t row = width * static_cast<std::size_t>(channels) * sample_size;
  if (at > bytes.size() || (bytes.size() - at) / row < height) {
    return failed("The PNM is truncated (its pixels do not fit into the file).");
  }
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC3);
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* in = bytes.data() + at + y * row;
    std::uint8_t* out = pixels.ptr(static_cast<int>(y));
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t i = (x * static_cast<std::size_t>(channels) + (channels == 3 ? c : 0)) * sample_size;
        const std::int64_t value = sample_size == 2 ? in[i] << 8 | in[i + 1] : in[i];
        out[3 * x + c] = static_cast<std::uint8_t>(std::min(value, numbers[2]) * 255 / numbers[2]);
      }
    }
  }
  return {pixels, {}};
}

// --- what OpenCV decodes ---

// Width and height of the first picture of a TIFF file.
std::optional<std::pair<std::int64_t, std::int64_t>> tiff_size(Bytes bytes) {
  HeaderReader header{bytes, bytes[0] == 'M'};
  const std::size_t directory = header.u32(4);
  const std::uint32_t entries = header.u16(directory);
  std::int64_t width = 0, height = 0;
  for (std::uint32_t i = 0; i < entries && !header.ended; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    const std::uint32_t tag = header.u16(entry), type = header.u16(entry + 2);
    if (tag != 256 && tag != 257) continue;
    (tag == 256 ? width : height) = type == 3 ? header.u16(entry + 8) : header.u32(entry + 8);
  }
  if (header.ended || width == 0 || height == 0) return std::nullopt;
  return std::pair{width, height};
}

std::optional<std::pair<std::int64_t, std::int64_t>> webp_size(Bytes bytes) {
  HeaderReader header{bytes};
  // A file that is shorter than its RIFF header says is not whole.
  if (header.u32(4) > bytes.size() - 8) return std::nullopt;
  std::int64_t width = 0, height = 0;
  if (begins_with(bytes, "VP8X", 12)) {
    width = header.number(24, 3) + std::int64_t{1};
    height = header.number(27, 3) + std::int64_t{1};
  } else if (begins_with(bytes, "VP8L", 12)) {
    const std::uint32_t sizes = header.u32(21);
    width = (sizes & 0x3FFF) + 1;
    height = (sizes >> 14 & 0x3FFF) + 1;
  } else if (begins_with(bytes, "VP8 ", 12)) {
    width = header.u16(26) & 0x3FFF;
    height = header.u16(28) & 0x3FFF;
  }
  if (header.ended || width == 0 || height == 0) return std::nullopt;
  return std::pair{width, height};
}

Decoded decode_with_opencv(Bytes bytes, const std::string& format,
                           const std::optional<std::pair<std::int64_t, std::int64_t>>& size,
                           const DecodeLimits& limits) {
  if (!size) return failed("The " + format + " is truncated or damaged (its header is not whole).");
  if (std::string reason = check_size(size->first, size->second, limits); !reason.empty())
    return failed(std::move(reason));
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return failed("The " + format + " has more than 2 GiB, which OpenCV cannot decode; convert it to JPEG.");
  }
  static const bool silenced = [] {
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    return true;
  }();
  (void)silenced;
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::uint8_t*>(bytes.data()));
  cv::Mat pixels = cv::imdecode(encoded, cv::IMREAD_COLOR);
  if (pixels.empty() || pixels.type() != CV_8UC3) return failed("The " + format + " is truncated or damaged.");
  for (int y = 0; y < pixels.rows; ++y) {
    std::uint8_t* row = pixels.ptr(y);
    for (int x = 0; x < pixels.cols; ++x) std::swap(row[3 * x], row[3 * x + 2]);
  }
  return {pixels, {}};
}

Decoded decode_known(Bytes bytes, const DecodeLimits& limits) {
  if (bytes.empty()) return failed("The file is empty.");
  if (bytes.size() > limits.max_bytes) {
    return failed("The file has " + std::to_string(bytes.size()) + " bytes, more than the limit of " +
                  std::to_string(limits.max_bytes) + "; raise the limit if the file is right.");
  }
  if (begins_with(bytes, "\xFF\xD8\xFF")) return decode_jpeg(bytes, limits);
  if (begins_with(bytes, "\x89PNG\r\n\x1A\n")) return decode_png(bytes, limits);
  if (begins_with(bytes, "BM")) return decode_bmp(bytes, limits);
  if (begins_with(bytes, "P5") || begins_with(bytes, "P6")) return decode_pnm(bytes, limits);
  using namespace std::string_view_literals;
  if (begins_with(bytes, "II*\0"sv) || begins_with(bytes, "MM\0*"sv)) {
    return decode_with_opencv(bytes, "TIFF", tiff_size(bytes), limits);
  }
  if (begins_with(bytes, "RIFF") && begins_with(bytes, "WEBP", 8)) {
    return decode_with_opencv(bytes, "WebP", webp_size(bytes), limits);
  }
  std::string kind;
  if (begins_with(bytes, "GIF8")) kind = "a GIF";
  if (begins_with(bytes, "ftyp", 4)) kind = "an AVIF, HEIC or video file";
  if (begins_with(bytes, "<") || begins_with(bytes, "\n<")) kind = "a web page or other text";
  if (std::all_of(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(bytes.size(), 64)),
                  [](std::uint8_t byte) { return byte == 0; })) {
    kind = "nothing but zeros";
  }
  return failed("The file is no JPEG, PNG, BMP, PNM, TIFF or WebP" + (kind.empty() ? "" : " but " + kind) +
                "; convert it, or download it again.");
}

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

Decoded cannot_read(int error) {
  return failed(std::string("The file cannot be read (") + std::strerror(error) + ").");
}

Decoded read_and_decode(const std::filesystem::path& file, const DecodeLimits& limits) {
  // O_NONBLOCK: opening a pipe that was put into the folder must not wait for its writer.
  const Descriptor descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status {};
  if (descriptor.number < 0 || ::fstat(descriptor.number, &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return failed("There is no such file.");
    return cannot_read(errno);
  }
  if (S_ISDIR(status.st_mode)) return failed("This is a folder and no file.");
  if (!S_ISREG(status.st_mode)) return failed("This is a device or pipe and no file.");
  if (static_cast<std::uintmax_t>(status.st_size) > limits.max_bytes) {
    return failed("The file has " + std::to_string(status.st_size) + " bytes, more than the limit of " +
                  std::to_string(limits.max_bytes) + "; raise the limit if the file is right.");
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(descriptor.number, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return decode_bytes(bytes, limits);
}

}  // namespace

int exif_orientation(Bytes tiff) {
  if (tiff.size() < 8 || !((tiff[0] == 'I' && tiff[1] == 'I') || (tiff[0] == 'M' && tiff[1] == 'M'))) return 1;
  HeaderReader header{tiff, tiff[0] == 'M'};
  if (header.u16(2) != 42) return 1;
  const std::size_t directory = header.u32(4);
  const std::uint32_t entries = header.u16(directory);
  for (std::uint32_t i = 0; i < entries && !header.ended; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    constexpr std::uint32_t orientation_tag = 0x0112;
    if (header.u16(entry) != orientation_tag) continue;
    const std::uint32_t orientation = header.u16(entry + 8);
    return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
  }
  return 1;
}

cv::Mat upright(const cv::Mat& pixels, int orientation) {
  constexpr int both = -1, columns = 1, rows = 0;
  cv::Mat turned = pixels;
  if (orientation >= 5 && orientation <= 8) cv::transpose(pixels, turned);
  cv::Mat flipped;
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(turned, flipped, columns);
      return flipped;
    case 3:
    case 7:
      cv::flip(turned, flipped, both);
      return flipped;
    case 4:
    case 8:
      cv::flip(turned, flipped, rows);
      return flipped;
    default:
      return turned;
  }
}

Decoded decode_bytes(Bytes bytes, const DecodeLimits& limits) {
  try {
    return decode_known(bytes, limits);
  } catch (const std::bad_alloc&) {
    return failed("There is not enough memory to decode the picture.");
  } catch (const std::exception& error) {
    return failed(std::string("The picture cannot be decoded (") + error.what() + ").");
  }
}

Decoded decode_file(const std::filesystem::path& file, const DecodeLimits& limits) {
  try {
    return read_and_decode(file, limits);
  } catch (const std::bad_alloc&) {
    return failed("There is not enough memory to read the file.");
  } catch (const std::exception& error) {
    return failed(std::string("The file cannot be read (") + error.what() + ").");
  }
}

}  // namespace fergraph
