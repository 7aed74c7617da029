// Faces kept as JPEGs: what comes back is near to what was given, the same bytes come of the same faces, and damaged
// ones are told.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <thread>

#include "cache/jpeg_face.hpp"
#include "tests/cache/damaged_cache.hpp"

namespace fergraph::test {

namespace {

constexpr FaceShape shape{40, 56};

// Soft light, a few blobs and a little noise, as photographs have: JPEG's bounds are about such pictures.
std::vector<std::uint8_t> soft_pixels(FaceShape size, std::int64_t number) {
  std::mt19937 random(static_cast<unsigned>(number));
  const auto uniform = [&] { return static_cast<double>(random() % 10000) / 10000; };
  struct Wave {
    double x, y, phase, height;
  };
  std::vector<std::uint8_t> pixels(size.bytes());
  for (int channel = 0; channel < 3; ++channel) {
    std::vector<Wave> waves;
    for (int i = 0; i < 4; ++i) waves.push_back({7 * uniform(), 7 * uniform(), 6 * uniform(), 15 + 15 * uniform()});
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) {
        double value = 128 + 4 * (uniform() - 0.5);
        // In units of 32 pixels, so that small pictures are as soft as large ones.
        for (const Wave& wave : waves) value += wave.height * std::sin(wave.x * x / 32 + wave.y * y / 32 + wave.phase);
        pixels[static_cast<std::size_t>((y * size.width + x) * 3 + channel)] =
            static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
  }
  return pixels;
}

// Peak signal-to-noise ratio in dB.
double psnr(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second) {
  double squares = 0;
  for (std::size_t i = 0; i < first.size(); ++i) squares += std::pow(double{1} * first[i] - second[i], 2);
  return squares == 0 ? 100 : 10 * std::log10(255.0 * 255.0 * static_cast<double>(first.size()) / squares);
}

void for_each_by_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < count; i += 4) body(i);
    });
  for (auto& thread : threads) thread.join();
}

void make_jpegs(const std::filesystem::path& path, FaceShape size, std::int64_t faces, int quality,
                ForEach for_each = {}) {
  FaceCacheWriter writer(path, size, faces, made_provenance(), {FaceCodec::jpeg, quality}, std::move(for_each));
  for (std::int64_t number = 0; number < faces; ++number) writer.append(made_face(soft_pixels(size, number), number));
  writer.append_void({3, "test/void.jpg", "test", 0, "no face found"});
  writer.finish();
}

struct Jpegs : DamagedCache {
  Jpegs() { make_jpegs(path, shape, 25, 90); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache_jpeg)

// Over sizes that are and are not whole blocks, and all of the range of qualities.
BOOST_AUTO_TEST_CASE(what_is_read_is_near_to_what_was_written) {
  const Scratch folder;
  for (const FaceShape size : {FaceShape{1, 1}, {3, 2}, {8, 8}, {33, 17}, {48, 48}, {112, 112}, {224, 160}})
    for (const auto& [quality, least] : {std::pair{1, 15.0}, {30, 26.0}, {75, 32.0}, {95, 40.0}, {100, 46.0}}) {
      BOOST_TEST_CONTEXT(size.width << "x" << size.height << " at quality " << quality) {
        make_jpegs(folder / "faces.h5", size, 3, quality);
        const FaceCache cache(folder / "faces.h5");
        BOOST_TEST(cache.size() == 3);
        BOOST_TEST((cache.shape() == size));
        BOOST_TEST((cache.encoding() == FaceEncoding{FaceCodec::jpeg, quality}));
        BOOST_TEST(cache.buffer_size() == size.bytes());
        std::vector<std::uint8_t> buffer(cache.buffer_size());
        for (std::int64_t i = 0; i < cache.size(); ++i) {
          const auto pixels = cache.read(i, buffer);
          BOOST_TEST(pixels.size() == size.bytes());
          BOOST_TEST(psnr(pixels, soft_pixels(size, i)) >= least);
          const Face wanted = made_face(buffer, i);
          BOOST_TEST(cache.id(i) == wanted.id);
          BOOST_TEST(cache.label(i) == wanted.label);
          BOOST_TEST(cache.row(i) == wanted.row);
          BOOST_TEST((cache.landmarks(i) == wanted.landmarks));
        }
        BOOST_TEST(cache.voids().size() == 1U);
        BOOST_TEST(cache.verify().empty());
      }
    }
}

BOOST_AUTO_TEST_CASE(colour_is_kept_at_full_resolution) {
  // Red and blue columns in turn: halved colour would make them all violet.
  const FaceShape size{16, 16};
  std::vector<std::uint8_t> pixels(size.bytes());
  for (std::size_t i = 0; i < pixels.size(); i += 3) pixels[i + (i / 3 % 2 == 0 ? 0 : 2)] = 200;
  for (const int quality : {60, 95}) {
    std::vector<std::uint8_t> back(size.bytes());
    BOOST_TEST(decode_jpeg(encode_jpeg(pixels, size, quality), size, back) == "");
    BOOST_TEST(psnr(back, pixels) > 20);
  }
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_the_bytes) {
  const Scratch folder;
  make_jpegs(folder / "alone.h5", shape, 200, 95);
  make_jpegs(folder / "threads.h5", shape, 200, 95, for_each_by_threads);
  BOOST_TEST((text_of(folder / "alone.h5") == text_of(folder / "threads.h5")));
}

BOOST_AUTO_TEST_CASE(an_encoded_cache_may_hold_no_faces) {
  const Scratch folder;
  make_jpegs(folder / "faces.h5", shape, 0, 95);
  const FaceCache cache(folder / "faces.h5");
  BOOST_TEST(cache.size() == 0);
  BOOST_TEST(cache.voids().size() == 1U);
}

BOOST_AUTO_TEST_CASE(raw_caches_stay_of_the_version_that_all_read) {
  const Scratch folder;
  const auto version_of = [&](const std::string& name) {
    const Hdf5Lock lock;
    const Hdf5Handle file(H5Fopen((folder / name).c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "opening");
    std::int64_t version = 0;
    read_number_attribute(file, "format_version", hdf5_type<std::int64_t>(), &version);
    BOOST_TEST(has_attribute(file, "codec") == (version == 2));
    return version;
  };
  make_cache(folder / "raw.h5", shape, 4, 4);
  make_jpegs(folder / "jpeg.h5", shape, 4, 95);
  BOOST_TEST(version_of("raw.h5") == 1);
  BOOST_TEST(version_of("jpeg.h5") == 2);
  BOOST_TEST((FaceCache(folder / "raw.h5").encoding() == FaceEncoding{}));
}

// tests/packs/version-1.h5 was written before there was another version.
BOOST_AUTO_TEST_CASE(a_cache_of_version_1_is_read) {
  const FaceCache cache(std::filesystem::path(FERGRAPH_SOURCE_DIR) / "tests/packs/version-1.h5");
  BOOST_TEST(cache.size() == 8);
  BOOST_TEST((cache.shape() == FaceShape{8, 8}));
  BOOST_TEST((cache.encoding() == FaceEncoding{}));
  BOOST_TEST(cache.id(7) == "images/00007.jpg");
  BOOST_TEST(cache.provenance().fingerprint.hash == "68a4149e599fc7d07e672c0654af4a4c");
  BOOST_TEST(cache.read(7, {}).size() == 192U);
  BOOST_TEST(cache.verify().empty());
}

BOOST_FIXTURE_TEST_CASE(a_flipped_bit_of_a_face, Jpegs) {
  std::string bytes = text_of(path);
  std::size_t place = 0;
  {
    const FaceCache whole(path);
    const auto stored = whole.stored(17);
    place = bytes.find(std::string(stored.begin(), stored.end()));
  }
  BOOST_REQUIRE(place != std::string::npos);
  bytes[place + 300] = static_cast<char>(bytes[place + 300] ^ 4);
  std::filesystem::remove(path);
  replace(bytes);
  const FaceCache cache(path);
  BOOST_TEST((cache.verify() == std::vector<std::int64_t>{17}));
  std::vector<std::uint8_t> buffer(cache.buffer_size());
  for (int again = 0; again < 2; ++again)
    BOOST_TEST(message_of([&] { cache.read(17, buffer); }) ==
               named +
                   "is damaged at face 17 ('train/17.jpg', row 983): copy it again from where it is whole, or make "
                   "it again.");
  BOOST_TEST(message_of([&] { cache.read(16, buffer); }).empty());
}

BOOST_FIXTURE_TEST_CASE(a_buffer_that_is_too_small, Jpegs) {
  const FaceCache cache(path);
  std::vector<std::uint8_t> buffer(100);
  BOOST_TEST(message_of([&] { cache.read(0, buffer); }) ==
             "A face of the cache '" + path.string() +
                 "' needs a buffer of 6720 bytes and was given one of 100: make it of buffer_size() bytes.");
}

// Files whose checksums hold although they are wrong: only another program makes such.
BOOST_AUTO_TEST_CASE(pictures_of_another_kind_are_refused) {
  const std::vector<std::uint8_t> pixels = soft_pixels({64, 64}, 1);
  const std::vector<std::uint8_t> jpeg = encode_jpeg(pixels, {64, 64}, 90);
  std::vector<std::uint8_t> back(std::size_t{3} * 64 * 64);
  BOOST_TEST(decode_jpeg(jpeg, {64, 64}, back) == "");
  BOOST_TEST(decode_jpeg(jpeg, {64, 32}, back) == "the JPEG is of another size than the cache's faces");
  BOOST_TEST(decode_jpeg(std::span(jpeg).first(jpeg.size() / 2), {64, 64}, back) ==
             "the JPEG cannot be decoded: Premature end of JPEG file");
  BOOST_TEST(decode_jpeg({}, {64, 64}, back).starts_with("the JPEG cannot be decoded: "));
  BOOST_TEST(decode_jpeg(std::vector<std::uint8_t>(500, 7), {64, 64}, back)
                 .starts_with("the JPEG cannot be decoded: Not a JPEG file"));
  // A header that declares 65500x65500 pixels: refused by its size, before memory is taken.
  std::vector<std::uint8_t> huge = jpeg;
  const auto frame = std::ranges::search(huge, std::vector<std::uint8_t>{0xFF, 0xC0});
  BOOST_REQUIRE(!frame.empty());
  for (int i = 5; i < 9; i += 2) {
    *(frame.begin() + i) = 0xFF;
    *(frame.begin() + i + 1) = 0xDC;
  }
  BOOST_TEST(decode_jpeg(huge, {64, 64}, back) == "the JPEG is of another size than the cache's faces");
  // Any byte of it: refused or decoded, but never a crash or a word on the terminal.
  for (std::size_t i = 0; i < jpeg.size(); ++i) {
    std::vector<std::uint8_t> wrong = jpeg;
    wrong[i] = static_cast<std::uint8_t>(wrong[i] ^ 0x41);
    decode_jpeg(wrong, {64, 64}, back);
  }
}

BOOST_FIXTURE_TEST_CASE(parts_that_do_not_fit, Jpegs) {
  const std::string damaged = named + "is damaged or was cut short (";
  const std::string remedy = "): copy it again from where it is whole, or make it again.";
  const auto set_number = [&](const char* name, std::int64_t number) {
    change([&](hid_t file) {
      H5Adelete(file, name);
      write_number_attribute(file, name, H5T_STD_I64LE, &number);
    });
  };
  set_number("width", 57);
  BOOST_TEST(refusal() == damaged + "its tables do not match their checksum" + remedy);
  set_number("width", 0);
  BOOST_TEST(refusal() == damaged + "its attribute 'width' is 0" + remedy);
  set_number("width", 56);
  set_number("quality", 101);
  BOOST_TEST(refusal() == damaged + "its attribute 'quality' is 101" + remedy);
  set_number("quality", 90);
  // Right again, but other programs that write into the file cut off what is behind its end.
  BOOST_TEST(refusal() == damaged + "its seal is gone" + remedy);
  change([&](hid_t file) {
    H5Adelete(file, "codec");
    write_text_attribute(file, "codec", "webp");
  });
  BOOST_TEST(refusal() == damaged + "its faces are kept as 'webp', which this fergraph cannot read" + remedy);
  change([&](hid_t file) {
    H5Adelete(file, "codec");
    write_text_attribute(file, "codec", "jpeg");
    H5Ldelete(file, "/offsets", H5P_DEFAULT);
    write_numbers(file, "/offsets", {26}, std::vector<std::uint64_t>(26, 7));
  });
  BOOST_TEST(refusal() == damaged + "its tables do not match their checksum" + remedy);
}

BOOST_FIXTURE_TEST_CASE(a_flipped_byte_of_the_structure, Jpegs) {
  const std::string found = in_child([&] {
    const std::string whole = text_of(path);
    const FaceCache good(path);
    std::size_t refused = 0;
    for (std::size_t place = 4096 + good.files().front()->stored_bytes(); place < whole.size(); place += 7) {
      std::string bytes = whole;
      bytes[place] = static_cast<char>(bytes[place] ^ 0x40);
      std::filesystem::remove(path);  // `good` keeps the file it mapped
      replace(bytes);
      try {
        const FaceCache cache(path);
        if (!cache.verify().empty() || cache.voids() != good.voids() || cache.id(24) != good.id(24) ||
            !(cache.encoding() == good.encoding()))
          return "byte " + std::to_string(place) + " is not noticed";
      } catch (const CacheError&) {
        ++refused;
      }
    }
    return std::string(refused > 100 ? "noticed" : "too few refused");
  });
  BOOST_TEST(found == "noticed");
}

BOOST_AUTO_TEST_CASE(qualities_and_sizes_that_cannot_be) {
  const Scratch folder;
  const auto refusal = [&](FaceShape size, int quality) {
    return folder.without(message_of([&] {
      FaceCacheWriter{folder / "faces.h5", size, 1, made_provenance(), {FaceCodec::jpeg, quality}};
    }));
  };
  BOOST_TEST(refusal({8, 8}, 0) ==
             "The face cache 'faces.h5' cannot hold faces of the quality 0: give a quality from 1 to 100.");
  BOOST_TEST(refusal({65535, 8}, 95) ==
             "The face cache 'faces.h5' cannot hold faces of 8x65535 pixels as JPEGs: keep them raw, or make them "
             "smaller.");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fergraph::test
