// Every file that is no whole face cache is refused with a sentence that names it and the way out.
#include <boost/test/unit_test.hpp>

#include "tests/cache/damaged_cache.hpp"

namespace fergraph::test {

namespace {

constexpr FaceShape shape{32, 32};
const std::string damaged_remedy = "): copy it again from where it is whole, or make it again.";

struct Cache : DamagedCache {
  Cache() { make_cache(path, shape, 25, 25); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cache_damaged)

BOOST_FIXTURE_TEST_CASE(a_missing_file, Cache) {
  std::filesystem::remove(path);
  BOOST_TEST(refusal() == named + "does not exist: make it first or correct the path.");
  std::filesystem::create_directory(path);
  BOOST_TEST(refusal() ==
             named + "is a folder without shards (such as '00000-of-00036.h5'): correct the path or make the cache.");
}

BOOST_FIXTURE_TEST_CASE(not_an_hdf5_file, Cache) {
  const std::string wanted = "The file '" + path.string() +
                             "' is not an HDF5 file, so it is no face cache: correct the path or make the cache again.";
  replace("emotion,pixels,Usage\n");
  BOOST_TEST(refusal() == wanted);
  replace("");
  BOOST_TEST(refusal() == wanted);
}

BOOST_FIXTURE_TEST_CASE(a_file_cut_short_anywhere, Cache) {
  const std::string whole = text_of(path);
  for (const std::size_t length : {whole.size() - 1, whole.size() / 2, std::size_t{5000}, std::size_t{60}}) {
    replace(whole.substr(0, length));
    const std::string message = refusal();
    BOOST_TEST(
        message.starts_with(named + "is damaged or was cut short (" +
                            (length + 1 == whole.size() ? "its seal is gone" : "HDF5 cannot open it: truncated file")),
        message);
    BOOST_TEST(message.ends_with(damaged_remedy), message);
  }
}

BOOST_FIXTURE_TEST_CASE(another_programs_hdf5_file, Cache) {
  const std::string wanted = "The file '" + path.string() +
                             "' is an HDF5 file but not a fergraph face cache: correct the path or make the cache.";
  change([](hid_t file) { H5Adelete(file, "format"); });
  BOOST_TEST(refusal() == wanted);
  change([](hid_t file) { write_text_attribute(file, "format", "recipes"); });
  BOOST_TEST(refusal() == wanted);
  change([](hid_t file) {
    H5Adelete(file, "format");
    const std::int64_t number = 7;
    write_number_attribute(file, "format", H5T_STD_I64LE, &number);
  });
  BOOST_TEST(refusal() == wanted);
}

BOOST_FIXTURE_TEST_CASE(other_versions, Cache) {
  const auto set_version = [&](std::int64_t version) {
    change([&](hid_t file) {
      H5Adelete(file, "format_version");
      write_number_attribute(file, "format_version", H5T_STD_I64LE, &version);
    });
  };
  set_version(3);
  BOOST_TEST(refusal() == named +
                              "has version 3 of the format, and this fergraph reads versions 1 and 2: use a newer " +
                              "fergraph or make the cache again.");
  set_version(0);
  BOOST_TEST(refusal() ==
             named + "has version 0 of the format, and this fergraph reads versions 1 and 2: make the cache again.");
}

BOOST_FIXTURE_TEST_CASE(a_missing_part, Cache) {
  const std::string damaged = named + "is damaged or was cut short (";
  for (const char* name : {"/voids/reasons", "/voids", "/checksums", "/boxes", "/split", "/labels", "/images"}) {
    change([&](hid_t file) { H5Ldelete(file, name, H5P_DEFAULT); });
    const std::string lacking = name == std::string("/voids") ? "/voids/rows" : name;
    BOOST_TEST(refusal() == damaged + "it has no dataset '" + lacking + "'" + damaged_remedy);
  }
}

BOOST_FIXTURE_TEST_CASE(a_missing_attribute, Cache) {
  change([](hid_t file) { H5Adelete(file, "pipeline"); });
  BOOST_TEST(refusal() == named + "is damaged or was cut short (it has no attribute 'pipeline'" + damaged_remedy);
}

BOOST_FIXTURE_TEST_CASE(parts_that_do_not_fit, Cache) {
  const std::string damaged = named + "is damaged or was cut short (its dataset '";
  const auto replace_labels = [&](const auto& labels) {
    change([&](hid_t file) {
      H5Ldelete(file, "/labels", H5P_DEFAULT);
      write_numbers(file, "/labels", {labels.size()}, labels);
    });
  };
  replace_labels(std::vector<std::int64_t>(24));
  BOOST_TEST(refusal() == damaged + "/labels' has the shape [24] instead of [25]" + damaged_remedy);
  replace_labels(std::vector<float>(25));
  BOOST_TEST(refusal() == damaged + "/labels' holds another type of number than a face cache does" + damaged_remedy);
  change([&](hid_t file) {
    H5Ldelete(file, "/images", H5P_DEFAULT);
    write_numbers(file, "/images", {25, 32, 32}, std::vector<std::uint8_t>(25 * 32 * 32));
  });
  BOOST_TEST(refusal() == damaged + "/images' has not the shape [faces, height, width, 3]" + damaged_remedy);
}

// Counts that no memory holds: the datasets have these shapes and no bytes.
BOOST_FIXTURE_TEST_CASE(absurd_counts, Cache) {
  const auto replace_dataset = [](hid_t file, const char* name, hid_t type, hsize_t count) {
    H5Ldelete(file, name, H5P_DEFAULT);
    const Hdf5Handle space = dataspace({count});
    const Hdf5Handle dataset(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose,
                             "making a dataset");
  };
  const std::string damaged = named + "is damaged or was cut short (its dataset '";
  const std::string more = "' says that it holds more than the file does" + damaged_remedy;
  for (const int bits : {33, 40, 58}) {
    change([&](hid_t file) {
      for (const char* name : {"/voids/rows", "/voids/labels"})
        replace_dataset(file, name, H5T_STD_I64LE, hsize_t{1} << bits);
    });
    BOOST_TEST(refusal() == damaged + "/voids/labels" + more, bits);
  }
  change([&](hid_t file) {
    const Hdf5Handle wide(H5Tcopy(H5T_C_S1), H5Tclose, "making a type");
    H5Tset_size(wide, std::size_t{1} << 31);
    replace_dataset(file, "/ids", wide, 25);
  });
  BOOST_TEST(refusal() == damaged + "/ids" + more);
}

BOOST_FIXTURE_TEST_CASE(a_changed_table, Cache) {
  change([](hid_t file) {
    const Hdf5Handle labels(H5Dopen2(file, "/labels", H5P_DEFAULT), H5Dclose, "opening");
    const std::vector<std::int64_t> other(25, 1);
    H5Dwrite(labels, H5T_STD_I64LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, other.data());
  });
  BOOST_TEST(refusal() ==
             named + "is damaged or was cut short (its tables do not match their checksum" + damaged_remedy);
}

BOOST_FIXTURE_TEST_CASE(a_flipped_byte_of_a_face, Cache) {
  std::string bytes = text_of(path);
  const auto pixels = made_pixels(shape, 17);
  const std::size_t place = bytes.find(std::string(pixels.begin(), pixels.end()));
  BOOST_REQUIRE(place != std::string::npos);
  bytes[place + 1000] = static_cast<char>(bytes[place + 1000] ^ 4);
  replace(bytes);

  const FaceCache cache(path);
  const std::vector<std::int64_t> damaged{17};
  BOOST_TEST(cache.verify() == damaged);
  const std::string wanted = named + "is damaged at face 17 ('train/17.jpg', row 983" + damaged_remedy;
  for (int again = 0; again < 2; ++again) BOOST_TEST(message_of([&] { cache.read(17, {}); }) == wanted);
  BOOST_TEST(cache.stored(17).size() == shape.bytes());
  BOOST_TEST(message_of([&] { cache.read(16, {}); }).empty());
}

// A changed byte past the pixels is either refused or changes nothing that is read; it never crashes or hangs. In a
// child because HDF5 1.10 keeps what it had made of a damaged header and complains about that when the process ends.
BOOST_FIXTURE_TEST_CASE(a_flipped_byte_of_the_structure, Cache) {
  const std::string found = in_child([&] {
    const std::string whole = text_of(path);
    const FaceCache good(path);
    std::size_t refused = 0;
    for (std::size_t place = 4096 + 25 * shape.bytes(); place < whole.size(); place += 7) {
      std::string bytes = whole;
      bytes[place] = static_cast<char>(bytes[place] ^ 0x40);
      std::filesystem::remove(path);  // `good` keeps the file it mapped
      replace(bytes);
      try {
        const FaceCache cache(path);
        if (!cache.verify().empty() || cache.provenance().pipeline != good.provenance().pipeline ||
            cache.voids() != good.voids() || cache.id(24) != good.id(24))
          return "byte " + std::to_string(place) + " is not noticed";
      } catch (const CacheError&) {
        ++refused;
      }
    }
    return std::string(refused > 100 ? "noticed" : "too few refused");
  });
  BOOST_TEST(found == "noticed");
}

BOOST_FIXTURE_TEST_CASE(an_index_beyond_the_faces, Cache) {
  const FaceCache cache(path);
  const std::string wanted = named + "has 25 faces, so there is no face 25: ask for 0 to 24.";
  BOOST_TEST(message_of([&] { cache.stored(25); }) == wanted);
  BOOST_TEST(message_of([&] { cache.read(25, {}); }) == wanted);
  BOOST_TEST(message_of([&] { cache.id(25); }) == wanted);
  BOOST_TEST(!message_of([&] { cache.label(-1); }).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fergraph::test
