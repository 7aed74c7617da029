// A cache divided into files: which samples each holds, and what is read from a folder of them.
#include "cache/shards.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "cache/reader.hpp"
#include "cache/writer.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(shards)

namespace {

constexpr FaceShape shape{2, 3};

std::string message_of(const auto& act) {
  try {
    act();
    return "";
  } catch (const CacheError& error) {
    return error.what();
  }
}

// Every third sample gives no face; the pixels tell the sample.
void write_shard(const ShardLayout& layout, std::int64_t shard, FaceShape face_shape = shape,
                 const std::string& size = "112") {
  std::filesystem::create_directories(layout.cache());
  Provenance provenance;
  provenance.class_names = {"anger", "joy"};
  provenance.fingerprint = make_fingerprint(std::vector<Setting>{{"size", size}, {"rows", std::to_string(shard)}});
  FaceCacheWriter writer(layout.file(shard), face_shape, layout.end(shard) - layout.begin(shard), provenance);
  for (std::int64_t sample = layout.begin(shard); sample < layout.end(shard); ++sample) {
    const std::string id = "photo-" + std::to_string(sample);
    if (sample % 3 == 2) {
      writer.append_void({sample, id, "train", sample % 2, "No face was found."});
      continue;
    }
    const std::vector<std::uint8_t> pixels(face_shape.bytes(), static_cast<std::uint8_t>(sample));
    writer.append({pixels, sample, id, "train", sample % 2});
  }
  writer.finish();
}

struct Folder : test::Scratch {
  ShardLayout layout{folder / "faces", 25, 8};
  void write_all() const {
    for (std::int64_t shard = 0; shard < layout.count(); ++shard) write_shard(layout, shard);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_sample_is_in_one_shard) {
  for (const std::int64_t samples : {0, 1, 7, 8, 9, 16, 25})
    for (const std::int64_t size : {1, 8, 100}) {
      const ShardLayout layout("faces", samples, size);
      std::int64_t next = 0;
      std::set<std::filesystem::path> files;
      for (std::int64_t shard = 0; shard < layout.count(); ++shard) {
        BOOST_TEST(layout.begin(shard) == next);
        for (; next < layout.end(shard); ++next) BOOST_TEST(layout.shard_of(next) == shard);
        files.insert(layout.file(shard));
      }
      BOOST_TEST(next == samples);
      BOOST_TEST(files.size() == static_cast<std::size_t>(layout.count()));
      BOOST_TEST(layout.is_folder() == (samples > size));
    }
  BOOST_TEST(ShardLayout("faces", 25, 8).file(3) == "faces/00003-of-00004.h5");
  BOOST_TEST(ShardLayout("faces.h5", 8, 8).file(0) == "faces.h5");
}

BOOST_FIXTURE_TEST_CASE(shards_are_read_as_one_list, Folder) {
  write_all();
  const FaceCache cache(layout.cache());
  BOOST_REQUIRE(cache.size() == 17);
  BOOST_TEST(cache.files().size() == 4u);
  BOOST_TEST((cache.shape() == shape));
  BOOST_TEST(cache.voids().size() == 8u);
  std::int64_t face = 0;
  for (std::int64_t sample = 0; sample < 25; ++sample) {
    if (sample % 3 == 2) continue;
    BOOST_TEST(cache.row(face) == sample);
    BOOST_TEST(cache.rows()[static_cast<std::size_t>(face)] == sample);
    BOOST_TEST(cache.label(face) == sample % 2);
    BOOST_TEST(cache.id(face) == "photo-" + std::to_string(sample));
    BOOST_TEST(cache.read(face, {})[5] == sample);
    ++face;
  }
  BOOST_TEST(cache.verify().empty());
  BOOST_CHECK_THROW(cache.read(17, {}), CacheError);
  BOOST_CHECK_THROW(cache.label(-1), CacheError);
}

BOOST_FIXTURE_TEST_CASE(a_damaged_face_is_found_by_its_place_in_the_whole, Folder) {
  write_all();
  std::string bytes = test::text_of(layout.file(2));
  // The third face of the third shard is of sample 19.
  const std::size_t face = bytes.find(std::string(shape.bytes(), 19));
  BOOST_REQUIRE(face != std::string::npos);
  bytes[face] ^= 1;
  write("faces/00002-of-00004.h5", bytes);
  const FaceCache cache(layout.cache());
  // Eleven faces before it: six and five.
  BOOST_TEST(cache.verify() == (std::vector<std::int64_t>{13}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(missing_shards, Folder) {
  write_all();
  std::filesystem::remove(layout.file(1));
  BOOST_TEST(without(message_of([&] { FaceCache{layout.cache()}; })) ==
             "The face cache 'faces' has 3 of its 4 shards; missing are '00001-of-00004.h5': run its "
             "preprocessing file again, which goes on where it stopped.");
  std::filesystem::remove_all(layout.cache());
  std::filesystem::create_directories(layout.cache());
  write("faces/00000-of-4.h5", "");
  BOOST_TEST(
      without(message_of([&] { FaceCache{layout.cache()}; })) ==
      "The face cache 'faces' is a folder without shards (such as '00000-of-00036.h5'): correct the path or make "
      "the cache.");
}

BOOST_FIXTURE_TEST_CASE(shards_of_two_divisions, Folder) {
  write_all();
  write_shard(ShardLayout(layout.cache(), 25, 5), 0);
  BOOST_TEST(message_of([&] { FaceCache{layout.cache()}; }).find("holds shards of two divisions") != std::string::npos);
  BOOST_TEST(
      without(message_of([&] { layout.require_room(); })) ==
      "The face cache 'faces' is to have 4 shards, but its folder holds '00000-of-00005.h5', of a division into 5: "
      "the number of samples or the size of the shards has changed. Remove the folder or give another name.");
}

BOOST_FIXTURE_TEST_CASE(shards_that_do_not_fit, Folder) {
  write_all();
  write_shard(layout, 2, {4, 4});
  BOOST_TEST(
      without(message_of([&] { FaceCache{layout.cache()}; })) ==
      "The face cache 'faces' has shards that do not fit together: '00002-of-00004.h5' has faces of another size, "
      "other classes or another codec than those before it. Run its preprocessing file again, which renews what is "
      "stale.");
}

BOOST_FIXTURE_TEST_CASE(shards_of_other_settings, Folder) {
  write_all();
  write_shard(layout, 2, shape, "224");
  BOOST_TEST(without(message_of([&] { FaceCache{layout.cache()}; })) ==
             "The face cache 'faces' has shards that were made with other settings: '00002-of-00004.h5' differs from "
             "'00000-of-00004.h5'. size: 112 in the first, 224 in the other. Run its preprocessing file again, which "
             "renews what is stale.");
}

BOOST_FIXTURE_TEST_CASE(files_and_folders_in_the_way, Folder) {
  write("faces", "");
  BOOST_TEST(
      without(message_of([&] { layout.require_room(); })) ==
      "The face cache 'faces' is to be a folder of 4 shards, but a file of that name is there: remove the file or "
      "give another name.");
  std::filesystem::create_directories(folder / "one.h5");
  BOOST_TEST(without(message_of([&] { ShardLayout(folder / "one.h5", 5, 8).require_room(); })) ==
             "The face cache 'one.h5' is to be one file, but a folder of that name is there: remove the folder, give "
             "another name, or ask for smaller shards.");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_cannot_be_made, test::Scratch) {
  write("text", "no folder");
  const ShardLayout divided(folder / "text" / "faces", 25, 8);
  BOOST_TEST(without(message_of([&] { divided.make_folder(2); })) ==
             "The face cache 'text/faces/00002-of-00004.h5' was not written: its folder cannot be made ('text/faces': "
             "Not a directory). Make its folder first or correct the path.");
  const ShardLayout single(folder / "more" / "faces.h5", 5, 8);
  single.make_folder(0);
  BOOST_TEST(std::filesystem::is_directory(folder / "more"));
}

BOOST_AUTO_TEST_SUITE_END()
