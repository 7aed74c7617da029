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
    return decode_tiff(bytes, limits);
  }
  if (begins_with(bytes, "RIFF") && begins_with(bytes, "WEBP", 8)) {
    return decode_webp(bytes, limits);
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
