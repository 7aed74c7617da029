// Damages small valid pictures of every kind in every way that damage happens, and decodes them, whole and in part:
// pixels or a reason must come back, soon, in bounded memory, and nothing else may happen.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <random>

#include "tests/decoded_complaint.hpp"
#include "tests/faults/watched_cases.hpp"
#include "tests/small_pictures.hpp"

using namespace fergraph;
using namespace fergraph::faults;
using test::PictureBytes;
using test::SmallPicture;

namespace {

constexpr DecodeLimits limits{.max_bytes = std::uintmax_t{1} << 20, .max_pixels = 1'000'000};
// Per allowed pixel: the pixels upright and stored, and of a progressive CMYK JPEG four 16-bit coefficients.
constexpr std::int64_t most_kib_per_decode = 32 * limits.max_pixels / 1024;

/// Draws of one case: they depend on the seed and the case's number alone.
class Draws {
 public:
  Draws(std::uint64_t seed, std::int64_t number) : bits_(seed * 1'000'003 + static_cast<std::uint64_t>(number)) {}

  /// 0 … bound - 1; bound at least 1.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(bits_() % bound); }
  int between(int low, int high) { return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1))); }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(below(256)); }

 private:
  std::mt19937_64 bits_;
};

void put_number(PictureBytes& bytes, std::size_t at, std::uint64_t number, std::size_t size, bool big_endian) {
  if (at + size > bytes.size()) return;
  for (std::size_t i = 0; i < size; ++i)
    bytes[at + i] = static_cast<std::uint8_t>(number >> 8 * (big_endian ? size - 1 - i : i));
}

std::uint32_t get_number(const PictureBytes& bytes, std::size_t at, std::size_t size, bool big_endian) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i)
    number = number << 8 | (at + size <= bytes.size() ? bytes[at + (big_endian ? i : size - 1 - i)] : 0);
  return number;
}

bool is_kind(const SmallPicture& picture, const std::string& extension) { return picture.name.ends_with(extension); }

std::uint32_t png_checksum(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t sum = ~0U;
  for (std::size_t i = 0; i < count; ++i) {
    sum ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320U : 0U);
  }
  return ~sum;
}

// With checksums that fit again, damage gets past the first look at a chunk.
void mend_png_checksums(PictureBytes& bytes) {
  for (std::size_t at = 8; at + 12 <= bytes.size();) {
    const std::size_t length = get_number(bytes, at, 4, true);
    if (length > bytes.size() - at - 12) return;
    put_number(bytes, at + 8 + length, png_checksum(bytes.data() + at + 4, length + 4), 4, true);
    at += 12 + length;
  }
}

// `of_tiles`: of a TIFF's tiles instead of its picture.
void declare_size(const SmallPicture& picture, PictureBytes& bytes, std::uint32_t width, std::uint32_t height,
                  bool of_tiles) {
  if (is_kind(picture, ".jpg")) {
    for (std::size_t at = 0; at + 9 < bytes.size(); ++at) {
      const bool is_frame = bytes[at] == 0xFF && bytes[at + 1] >= 0xC0 && bytes[at + 1] <= 0xCF &&
                            bytes[at + 1] != 0xC4 && bytes[at + 1] != 0xC8 && bytes[at + 1] != 0xCC;
      if (!is_frame) continue;
      put_number(bytes, at + 5, height, 2, true);
      put_number(bytes, at + 7, width, 2, true);
      return;
    }
  } else if (is_kind(picture, ".png")) {
    put_number(bytes, 16, width, 4, true);
    put_number(bytes, 20, height, 4, true);
    mend_png_checksums(bytes);
  } else if (is_kind(picture, ".bmp")) {
    put_number(bytes, 18, width, 4, false);
    put_number(bytes, 22, height, 4, false);
  } else if (is_kind(picture, ".tiff")) {
    const bool big_endian = bytes[0] == 'M';
    const std::size_t directory = get_number(bytes, 4, 4, big_endian);
    const std::uint32_t entries = get_number(bytes, directory, 2, big_endian);
    for (std::size_t at = directory + 2; at < directory + 2 + 12 * entries && at + 12 <= bytes.size(); at += 12) {
      const std::uint32_t tag = get_number(bytes, at, 2, big_endian);
      // Of the picture, and of its tiles.
      constexpr std::uint32_t width_tags[] = {256, 322}, height_tags[] = {257, 323}, number_type = 4;
      const bool is_width = std::ranges::find(width_tags, tag) != std::end(width_tags);
      if (!is_width && std::ranges::find(height_tags, tag) == std::end(height_tags)) continue;
      if (of_tiles != (tag >= width_tags[1])) continue;
      put_number(bytes, at + 2, number_type, 2, big_endian);
      put_number(bytes, at + 8, is_width ? width : height, 4, big_endian);
    }
  } else if (is_kind(picture, ".webp")) {
    const std::size_t at = std::memcmp(bytes.data() + 12, "VP8X", 4) == 0 ? 24 : 26;
    put_number(bytes, at, width, at == 24 ? 3 : 2, false);
    put_number(bytes, at == 24 ? 27 : 28, height, at == 24 ? 3 : 2, false);
  } else {
    const std::string header = std::string(1, 'P') + static_cast<char>(bytes[1]) + "\n" + std::to_string(width) + " " +
                               std::to_string(height) + "\n255\n";
    bytes.insert(bytes.begin(), header.begin(), header.end());
  }
}

std::uint32_t odd_size(Draws& draw) {
  constexpr std::uint32_t sizes[] = {0,      1,      2,       97,         999,        1000,       1001,      32767,
                                     65'500, 65'535, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1'000'000, 16'383};
  return draw.chance(4) ? static_cast<std::uint32_t>(draw.below(4000)) : sizes[draw.below(std::size(sizes))];
}

enum Damage { bits, cut_off, wrong_header, odd_number, huge_size, splice, damages };
constexpr const char* damage_names[] = {"flipped bits", "cut off",   "wrong header",
                                        "odd number",   "huge size", "spliced pieces"};

std::pair<PictureBytes::const_iterator, PictureBytes::const_iterator> piece_of(const PictureBytes& bytes, Draws& draw) {
  const std::size_t begin = draw.below(bytes.size());
  const std::size_t length = 1 + draw.below(std::min<std::size_t>(bytes.size() - begin, draw.chance(2) ? 64 : 4096));
  const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(begin);
  return {from, from + static_cast<std::ptrdiff_t>(length)};
}

void do_damage(Damage damage, const std::vector<SmallPicture>& pictures, const SmallPicture& picture,
               PictureBytes& bytes, Draws& draw) {
  if (bytes.empty()) return;
  // Every other one hits the header, where it hurts most.
  const auto place = [&] {
    return draw.below(draw.chance(2) ? bytes.size() : std::min<std::size_t>(bytes.size(), 200));
  };
  switch (damage) {
    case bits:
      for (int i = draw.between(1, 8); i > 0; --i) bytes[place()] ^= static_cast<std::uint8_t>(1U << draw.below(8));
      break;
    case cut_off:
      bytes.resize(place());
      break;
    case wrong_header: {
      const PictureBytes& other = pictures[draw.below(pictures.size())].bytes;
      const std::size_t length = std::min({draw.below(48) + 1, other.size(), bytes.size()});
      std::copy_n(other.begin(), length, bytes.begin());
      break;
    }
    case odd_number: {
      constexpr std::size_t widths[] = {1, 2, 4, 8};
      constexpr std::uint64_t numbers[] = {0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1ULL << 63};
      for (int i = draw.between(1, 3); i > 0; --i)
        put_number(bytes, place(), numbers[draw.below(std::size(numbers))], widths[draw.below(4)], draw.chance(2));
      break;
    }
    case huge_size: {
      const std::uint32_t width = odd_size(draw), height = odd_size(draw);
      declare_size(picture, bytes, width, height, draw.chance(2));
      break;
    }
    case splice:
    default: {
      const bool own = draw.chance(2);
      const PictureBytes source = own ? bytes : pictures[draw.below(pictures.size())].bytes;
      const auto [begin, end] = piece_of(source, draw);
      const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(place());
      if (draw.chance(3)) {
        bytes.insert(at, begin, end);
      } else if (draw.chance(2)) {
        bytes.erase(at, at + std::min(end - begin, bytes.end() - at));
      } else {
        std::copy_n(begin, std::min(end - begin, bytes.end() - at), at);
      }
      break;
    }
  }
}

DecodeRegion random_region(Draws& draw) {
  DecodeRegion region;
  region.face.emplace();
  const int width = draw.between(1, draw.chance(4) ? 2000 : 90), height = draw.between(1, draw.chance(4) ? 2000 : 60);
  region.face->part = {draw.between(-40, 130), draw.between(-40, 100), width, height};
  region.face->shrink = draw.between(1, 9);
  region.may_shrink = !draw.chance(4);
  return region;
}

// The peak of the process's memory since it was last forgotten, in KiB; 0 where the system does not tell.
std::int64_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

struct Counts {
  std::int64_t pixels = 0, reasons = 0, complaints = 0, of_damage[damages] = {}, in_part = 0;
  std::int64_t most_kib = 0, most_kib_case = -1;
  double longest = 0;  // seconds
  std::int64_t longest_case = -1;
};

struct Case {
  const SmallPicture* picture = nullptr;
  PictureBytes bytes;
  DecodeRegion region;
  std::string how;
  int last_damage = -1;
};

// The first cases are the pictures as they are, whole and then in many parts.
constexpr std::size_t undamaged_rounds = 40;

Case make_case(const std::vector<SmallPicture>& pictures, std::uint64_t seed, std::int64_t number) {
  Draws draw(seed, number);
  const auto index = static_cast<std::size_t>(number);
  Case made;
  made.picture = &pictures[index % pictures.size()];
  made.bytes = made.picture->bytes;
  if (index >= undamaged_rounds * pictures.size()) {
    for (int i = draw.chance(3) ? 2 : 1; i > 0; --i) {
      const auto damage = static_cast<Damage>(draw.below(damages));
      do_damage(damage, pictures, *made.picture, made.bytes, draw);
      made.how += std::string(made.how.empty() ? "" : ", ") + damage_names[damage];
      made.last_damage = damage;
    }
    if (is_kind(*made.picture, ".png") && draw.chance(2)) mend_png_checksums(made.bytes);
  }
  const std::size_t round = index / pictures.size();
  if (round < undamaged_rounds ? round > 0 : round % 2 == 1) made.region = random_region(draw);
  return made;
}

bool can_measure_memory() {
#ifdef __SANITIZE_ADDRESS__
  return false;  // what is freed stays with the sanitizer for a while
#else
  return peak_kib() > 0;
#endif
}

void run_case(const std::vector<SmallPicture>& pictures, std::uint64_t seed, std::int64_t number, Counts& counts) {
  const Case made = make_case(pictures, seed, number);
  if (made.last_damage >= 0) ++counts.of_damage[made.last_damage];
  if (made.region.face) ++counts.in_part;
  // Bytes of their own, so that a sanitizer sees what reads past their end.
  const PictureBytes exact(made.bytes.begin(), made.bytes.end());
  static const bool measures = can_measure_memory();
  std::int64_t before = 0;
  if (measures) {
    malloc_trim(0);
    forget_peak();
    before = peak_kib();
  }
  const auto begin = std::chrono::steady_clock::now();
  const Decoded decoded = decode_bytes(exact, limits, made.region);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::int64_t taken = measures ? peak_kib() - before : 0;
  (decoded ? counts.pixels : counts.reasons) += 1;
  if (seconds > counts.longest) {
    counts.longest = seconds;
    counts.longest_case = number;
  }
  if (taken > counts.most_kib) {
    counts.most_kib = taken;
    counts.most_kib_case = number;
  }
  std::string wrong = test::complaint(decoded, limits);
  if (wrong.empty() && made.last_damage < 0 && !decoded && decoded.reason.find("outside") == std::string::npos)
    wrong = "the picture as it was made is refused: " + decoded.reason;
  if (wrong.empty() && taken > most_kib_per_decode) wrong = "it took " + std::to_string(taken) + " KiB of memory";
  if (wrong.empty()) return;
  if (++counts.complaints <= 20)
    std::printf("Case %lld (%s, %s): %s.\n", static_cast<long long>(number), made.picture->name.c_str(),
                made.how.c_str(), wrong.c_str());
  std::fflush(stdout);
}

int usage() {
  std::fputs(
      "usage: mutated_images [COUNT [SEED]]\n"
      "       mutated_images --write FILE NUMBER SEED   writes the damaged bytes of one case\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<SmallPicture> pictures = test::small_pictures();
  if (argc == 5 && std::string(argv[1]) == "--write") {
    const Case made = make_case(pictures, std::strtoull(argv[4], nullptr, 10), std::strtoll(argv[3], nullptr, 10));
    std::ofstream(argv[2], std::ios::binary)
        .write(reinterpret_cast<const char*>(made.bytes.data()), static_cast<std::streamsize>(made.bytes.size()));
    std::printf("%s, %s\n", made.picture->name.c_str(), made.how.c_str());
    return 0;
  }
  if (argc > 3) return usage();
  const std::int64_t count = argc > 1 ? std::strtoll(argv[1], nullptr, 10) : 20'000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  if (count < 1) return usage();

  // OpenCV's lines about damaged TIFFs; a sanitizer's reports take another way.
  std::cerr.setstate(std::ios::failbit);
  // Warmed up, so that what the libraries load once is not counted as a picture's.
  for (const SmallPicture& picture : pictures) decode_bytes(picture.bytes, limits);
  Counts counts;
  constexpr int seconds_per_case = 20;
  const std::vector<DeadCase> dead =
      watch_cases(0, count, seconds_per_case, counts,
                  [&](std::int64_t number, Counts& all) { run_case(pictures, seed, number, all); });

  std::printf("%zu pictures, %lld cases, %lld of them in part, seed %llu\n", pictures.size(),
              static_cast<long long>(count), static_cast<long long>(counts.in_part),
              static_cast<unsigned long long>(seed));
  for (int i = 0; i < damages; ++i)
    std::printf("  %-15s %lld\n", damage_names[i], static_cast<long long>(counts.of_damage[i]));
  std::printf("  pixels came back %lld times, a reason %lld times\n", static_cast<long long>(counts.pixels),
              static_cast<long long>(counts.reasons));
  std::printf("  longest: %.3f s (case %lld)", counts.longest, static_cast<long long>(counts.longest_case));
  if (can_measure_memory())
    std::printf("; most memory of one decode: %lld KiB (case %lld), allowed %lld KiB",
                static_cast<long long>(counts.most_kib), static_cast<long long>(counts.most_kib_case),
                static_cast<long long>(most_kib_per_decode));
  std::printf("\n");
  for (const DeadCase& each : dead) {
    const Case made = make_case(pictures, seed, each.number);
    std::printf("Case %lld (%s, %s) ended the process: %s.\n", static_cast<long long>(each.number),
                made.picture->name.c_str(), made.how.c_str(), each.end.c_str());
  }
  const bool good = dead.empty() && counts.complaints == 0;
  std::printf("%s: %zu crashes, %lld complaints in %lld mutated pictures.\n", good ? "PASSED" : "FAILED", dead.size(),
              static_cast<long long>(counts.complaints), static_cast<long long>(count));
  return good ? 0 : 1;
}
