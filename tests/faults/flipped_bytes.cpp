// Flips bytes of a face cache, one at a time, and looks whether anybody notices: it is found when the file is opened,
// or by verify(), or it changes nothing that can be read. A flip that does neither is a failure. Harmless are bytes of
// no part of the file: what is left of the blocks of 2 KiB in which HDF5 sets room aside, and gaps of alignment. Where
// pixels were moved to their place (the cache with few), their first copy may lie there.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/cache/made_cache.hpp"
#include "tests/faults/watched_cases.hpp"
#include "tests/memory_folder.hpp"

using namespace fergraph;
using namespace fergraph::faults;

namespace {

/// Everything that can be read of a cache, but the pixels themselves, which have checksums.
std::string values_of(const FaceCache& cache) {
  std::string all;
  const auto add = [&all](std::string_view text) {
    all += std::to_string(text.size()) + ":";
    all += text;
  };
  const auto add_number = [&](auto number) { add(std::to_string(number)); };
  add_number(cache.size());
  add_number(cache.shape().height);
  add_number(cache.shape().width);
  const Provenance& provenance = cache.provenance();
  for (const std::string& name : provenance.class_names) add(name);
  for (const std::string& text : {provenance.pipeline, provenance.versions_json, provenance.fingerprint.hash,
                                  provenance.fingerprint.json, provenance.files})
    add(text);
  for (std::int64_t i = 0; i < cache.size(); ++i) {
    add_number(cache.label(i));
    add_number(cache.row(i));
    add(cache.id(i));
    add(cache.split(i));
    const auto add_floats = [&](const auto& numbers) {
      add(numbers ? "some" : "none");
      if (numbers) add({reinterpret_cast<const char*>(numbers->data()), sizeof *numbers});
    };
    add_floats(cache.landmarks(i));
    add_floats(cache.box(i));
  }
  for (const MissingFace& each : cache.voids()) {
    add_number(each.row);
    add(each.id);
    add(each.split);
    add_number(each.label);
    add(each.reason);
  }
  return all;
}

// As they are kept: raw, or as JPEGs.
std::string pixels_of(const FaceCache& cache) {
  std::string all;
  for (std::int64_t i = 0; i < cache.size(); ++i) {
    const auto bytes = cache.stored(i);
    all.append(bytes.begin(), bytes.end());
  }
  return all;
}

enum class Found : std::uint8_t { by_open, by_verify, harmless, unnoticed };

constexpr std::size_t largest_file = std::size_t{1} << 20;
struct Counts {
  Found found[3 * largest_file];  // of each flip
};

struct Subject {
  std::string name;
  std::string bytes;
  std::size_t pixels_begin = 0, pixels_end = 0;
  std::size_t pixel_stride = 1;
};

Subject make_subject(const std::string& name, FaceShape shape, std::int64_t faces, std::size_t pixel_stride,
                     FaceCodec codec = FaceCodec::raw) {
  const test::Scratch scratch;
  const std::filesystem::path path = scratch / "faces.h5";
  test::make_cache(path, shape, faces, faces, {.codec = codec});
  Subject subject{name, test::text_of(path), 0, 0, pixel_stride};
  const FaceCache cache(path);
  const std::string pixels = pixels_of(cache);
  subject.pixels_begin = subject.bytes.find(pixels);
  subject.pixels_end = subject.pixels_begin + pixels.size();
  return subject;
}

/// What stands there: HDF5 gives the parts of its files four letters.
std::string part_at(const Subject& subject, std::size_t place) {
  if (place >= subject.pixels_begin && place < subject.pixels_end) return "pixels";
  if (place < 48) return "superblock";
  std::size_t best = 0;
  std::string part = "before any object header";
  for (const char* letters : {"OHDR", "OCHK", "FRHP", "FHDB", "BTHD", "BTLF", "SMTB", "GCOL"}) {
    const std::size_t at = subject.bytes.rfind(letters, place);
    if (at == std::string::npos || at < best) continue;
    best = at;
    part = "byte " + std::to_string(place - at) + " from the " + letters + " at " + std::to_string(at);
  }
  return part;
}

constexpr unsigned masks[] = {0x01, 0x80, 0xFF};

struct Flip {
  std::size_t place;
  unsigned mask;
};

Found flip_once(const test::MemoryFolder& folder, const Subject& subject, const Flip& flip, const std::string& values,
                const std::string& pixels) {
  std::string bytes = subject.bytes;
  bytes[flip.place] = static_cast<char>(static_cast<unsigned char>(bytes[flip.place]) ^ flip.mask);
  try {
    const FaceCache cache(folder.write("faces.h5", bytes));
    const std::vector<std::int64_t> damaged = cache.verify();
    if (damaged.empty())
      return values_of(cache) == values && pixels_of(cache) == pixels ? Found::harmless : Found::unnoticed;
    // Whoever reads that face must be told as well.
    return test::message_of([&] {
             std::vector<std::uint8_t> buffer(cache.buffer_size());
             static_cast<void>(cache.read(damaged.front(), buffer));
           }).empty()
               ? Found::unnoticed
               : Found::by_verify;
  } catch (const CacheError&) {
    return Found::by_open;
  }
}

// Neighbours in the file with the same outcome, as "FIRST-LAST".
void print_harmless(const Subject& subject, const std::vector<std::size_t>& places) {
  for (std::size_t i = 0; i < places.size();) {
    std::size_t end = i + 1;
    while (end < places.size() && places[end] == places[end - 1] + 1) ++end;
    const std::size_t first = places[i], last = places[end - 1];
    const bool zeros =
        std::all_of(subject.bytes.begin() + static_cast<std::ptrdiff_t>(first),
                    subject.bytes.begin() + static_cast<std::ptrdiff_t>(last + 1), [](char byte) { return byte == 0; });
    std::printf("    %zu-%zu (%zu bytes%s): %s\n", first, last, end - i, zeros ? ", all zero" : "",
                part_at(subject, first).c_str());
    i = end;
  }
}

bool try_subject(const Subject& subject) {
  if (subject.bytes.size() > largest_file || subject.pixels_begin == std::string::npos)
    throw std::runtime_error("The cache is not as it was thought to be.");
  std::vector<Flip> flips;
  for (std::size_t place = 0; place < subject.bytes.size(); ++place) {
    const bool in_pixels = place >= subject.pixels_begin && place < subject.pixels_end;
    if (in_pixels && (place - subject.pixels_begin) % subject.pixel_stride != 0) continue;
    for (const unsigned mask : masks) flips.push_back({place, mask});
  }
  const test::MemoryFolder folder;
  std::string values, pixels;
  {
    const FaceCache cache(folder.write("faces.h5", subject.bytes));
    values = values_of(cache);
    pixels = pixels_of(cache);
  }
  static Counts counts;
  std::fill_n(counts.found, flips.size(), Found::unnoticed);
  const auto count = static_cast<std::int64_t>(flips.size());
  std::vector<DeadCase> dead;
  // HDF5 1.10 keeps what it had made of a damaged header: a child of its own for every so many flips.
  constexpr std::int64_t flips_per_child = 2000;
  for (std::int64_t first = 0; first < count; first += flips_per_child) {
    constexpr int seconds_per_flip = 20;
    const auto run = [&](std::int64_t number, Counts& all) {
      const auto at = static_cast<std::size_t>(number);
      all.found[at] = flip_once(folder, subject, flips[at], values, pixels);
    };
    for (const DeadCase& each :
         watch_cases(first, std::min(first + flips_per_child, count), seconds_per_flip, counts, run))
      dead.push_back(each);
  }

  std::map<Found, std::int64_t> sums;
  std::vector<std::size_t> harmless;
  for (std::size_t i = 0; i < flips.size(); ++i) {
    ++sums[counts.found[i]];
    if (counts.found[i] == Found::harmless && (harmless.empty() || harmless.back() != flips[i].place))
      harmless.push_back(flips[i].place);
    if (counts.found[i] == Found::unnoticed && sums[Found::unnoticed] <= 20)
      std::printf("  Byte %zu with mask 0x%02X is not noticed: %s.\n", flips[i].place, flips[i].mask,
                  part_at(subject, flips[i].place).c_str());
  }
  std::printf("%s: %zu bytes, pixels at %zu-%zu, %lld flips\n", subject.name.c_str(), subject.bytes.size(),
              subject.pixels_begin, subject.pixels_end - 1, static_cast<long long>(count));
  std::printf("  found by open: %lld, by verify: %lld, harmless: %lld, unnoticed: %lld, crashes: %zu\n",
              static_cast<long long>(sums[Found::by_open]), static_cast<long long>(sums[Found::by_verify]),
              static_cast<long long>(sums[Found::harmless]), static_cast<long long>(sums[Found::unnoticed]),
              dead.size());
  if (!harmless.empty()) std::printf("  bytes of no part of the file, which are harmless: %zu\n", harmless.size());
  print_harmless(subject, harmless);
  for (const DeadCase& each : dead) {
    const Flip& flip = flips[static_cast<std::size_t>(each.number)];
    std::printf("  Byte %zu with mask 0x%02X ended the process: %s (%s).\n", flip.place, flip.mask, each.end.c_str(),
                part_at(subject, flip.place).c_str());
  }
  return sums[Found::unnoticed] == 0 && harmless.empty() && dead.empty();
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_short = argc > 1 && std::strcmp(argv[1], "--short") == 0;
  if (argc > (is_short ? 2 : 1)) {
    std::fputs("usage: flipped_bytes [--short]\n", stderr);
    return 2;
  }
  bool good = true;
  // Small enough that HDF5 moves the pixels behind its own parts, and large enough that they stay where they were put.
  good &= try_subject(make_subject("A cache with few pixels", {8, 8}, is_short ? 3 : 25, is_short ? 50 : 1));
  if (!is_short) good &= try_subject(make_subject("A cache with aligned pixels", {48, 48}, 25, 101));
  good &=
      try_subject(make_subject("A cache of JPEGs", {16, 16}, is_short ? 2 : 12, is_short ? 50 : 1, FaceCodec::jpeg));
  std::printf("%s: every flip is found.\n", good ? "PASSED" : "FAILED");
  return good ? 0 : 1;
}
