// Reads a file, tells its format by its first bytes and has it decoded, within the limits; turns pictures upright.
#include "nodes/face/decode.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/face/decode_formats.hpp"

namespace fergraph {
namespace formats {

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

void check_header(std::int64_t width, std::int64_t height, const DecodeLimits& limits, HeaderResult* result) {
  result->reason = check_size(width, height, limits);
}

}  // namespace formats

namespace {

using namespace formats;

Decoded cut(Decoded decoded, const DecodeRegion& region) {
  if (!decoded || !region.face) return decoded;
  const cv::Size whole = decoded.pixels.size();
  const cv::Rect part = region.face->part & cv::Rect({0, 0}, whole);
  if (part.empty()) return failed(region_outside);
  if (part.size() == whole) return decoded;
  // A copy, so that the rest is not kept.
  decoded.pixels = decoded.pixels(part).clone();
  decoded.window = {part.x, part.y, 1, whole.width, whole.height};
  return decoded;
}

Decoded decode_known(Bytes bytes, const DecodeLimits& limits, const DecodeRegion& region) {
  if (bytes.empty()) return failed("The file is empty.");
  if (bytes.size() > limits.max_bytes) {
    return failed("The file has " + std::to_string(bytes.size()) + " bytes, more than the limit of " +
                  std::to_string(limits.max_bytes) + "; raise the limit if the file is right.");
  }
  if (begins_with(bytes, "\xFF\xD8\xFF")) return decode_jpeg(bytes, limits, region);
  if (begins_with(bytes, "\x89PNG\r\n\x1A\n")) return cut(decode_png(bytes, limits), region);
  if (begins_with(bytes, "BM")) return cut(decode_bmp(bytes, limits), region);
  if (begins_with(bytes, "P5") || begins_with(bytes, "P6")) return cut(decode_pnm(bytes, limits), region);
  using namespace std::string_view_literals;
  if (begins_with(bytes, "II*\0"sv) || begins_with(bytes, "MM\0*"sv)) {
    return cut(decode_tiff(bytes, limits), region);
  }
  if (begins_with(bytes, "RIFF") && begins_with(bytes, "WEBP", 8)) {
    return cut(decode_webp(bytes, limits), region);
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

Decoded read_and_decode(const std::filesystem::path& file, const DecodeLimits& limits, const DecodeRegion& region) {
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
  return decode_bytes(bytes, limits, region);
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

namespace {

// An orientation is a transposition or none, and then flips.
struct Turning {
  bool transposed, columns_flipped, rows_flipped;
  explicit Turning(int orientation)
      : transposed(orientation >= 5 && orientation <= 8),
        columns_flipped(orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7),
        rows_flipped(orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8) {}
};

cv::Rect transposed(const cv::Rect& part) { return {part.y, part.x, part.height, part.width}; }

cv::Rect flipped(cv::Rect part, cv::Size size, const Turning& turning) {
  if (turning.columns_flipped) part.x = size.width - part.x - part.width;
  if (turning.rows_flipped) part.y = size.height - part.y - part.height;
  return part;
}

cv::Size upright_size(cv::Size stored, const Turning& turning) {
  return turning.transposed ? cv::Size(stored.height, stored.width) : stored;
}

}  // namespace

cv::Rect stored_part(const cv::Rect& upright, cv::Size stored, int orientation) {
  const Turning turning(orientation);
  const cv::Rect part = flipped(upright, upright_size(stored, turning), turning);
  return turning.transposed ? transposed(part) : part;
}

cv::Rect upright_part(const cv::Rect& part, cv::Size stored, int orientation) {
  const Turning turning(orientation);
  return flipped(turning.transposed ? transposed(part) : part, upright_size(stored, turning), turning);
}

cv::Mat upright(const cv::Mat& pixels, int orientation) {
  const Turning turning(orientation);
  cv::Mat turned = pixels;
  if (turning.transposed) cv::transpose(pixels, turned);
  if (!turning.columns_flipped && !turning.rows_flipped) return turned;
  constexpr int both = -1, columns = 1, rows = 0;
  cv::Mat flipped;
  cv::flip(turned, flipped,
           turning.columns_flipped && turning.rows_flipped ? both
           : turning.columns_flipped                       ? columns
                                                           : rows);
  return flipped;
}

Decoded decode_bytes(Bytes bytes, const DecodeLimits& limits, const DecodeRegion& region) {
  try {
    return decode_known(bytes, limits, region);
  } catch (const std::bad_alloc&) {
    return failed("There is not enough memory to decode the picture.");
  } catch (const std::exception& error) {
    return failed(std::string("The picture cannot be decoded (") + error.what() + ").");
  }
}

Decoded decode_file(const std::filesystem::path& file, const DecodeLimits& limits, const DecodeRegion& region) {
  try {
    return read_and_decode(file, limits, region);
  } catch (const std::bad_alloc&) {
    return failed("There is not enough memory to read the file.");
  } catch (const std::exception& error) {
    return failed(std::string("The file cannot be read (") + error.what() + ").");
  }
}

}  // namespace fergraph
