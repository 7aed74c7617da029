// `fergraph cache`, and training from a cache that is damaged.
#include <hdf5.h>

#include "cache/cache_file.hpp"
#include "cache/writer.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(cache_command, *boost::unit_test::fixture<SmallCache>())

namespace {

// A copy of the suite's cache with one bit of a face's pixels turned.
std::filesystem::path flipped_cache(const Scratch& scratch, int face) {
  const std::filesystem::path file = scratch.folder / "flipped.h5";
  std::filesystem::copy_file(small_faces() / "faces.h5", file);
  const hid_t opened = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t images = H5Dopen2(opened, "/images", H5P_DEFAULT);
  const auto at = static_cast<std::streamoff>(H5Dget_offset(images)) + face * 32 * 32 * 3 + 100;
  H5Dclose(images);
  H5Fclose(opened);
  std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
  bytes.seekg(at);
  const auto byte = static_cast<char>(bytes.get());
  bytes.seekp(at);
  bytes.put(static_cast<char>(byte ^ 1));
  return file;
}

}  // namespace

BOOST_AUTO_TEST_CASE(info_tells_what_is_in_it_and_what_it_was_made_with) {
  const Outcome outcome = run(small_faces(), {"cache", "info", "faces.h5"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out.starts_with("56 faces of 32x32, 0 voids\nfingerprint "));
  BOOST_TEST(has(outcome.out, "\ncodec       raw, 3 KB a face, 172 KB in all\npipeline    faces-demo\n"));
  BOOST_TEST(has(outcome.out, "\nmade with   pixels: {node: decode, photo: photo.photo}\n            face: {node: "));
  BOOST_TEST(has(outcome.out, "\nfiles       56 of which 0 are missing, hash "));
  BOOST_TEST(outcome.out.ends_with(
      "             test  train  all\n  surprise      2      6    8\n  fear          2      6    8\n"
      "  disgust       2      6    8\n  happiness     2      6    8\n  sadness       2      6    8\n"
      "  anger         2      6    8\n  neutral       2      6    8\n  faces        14     42   56\n"
      "  voids         0      0    0\n"));
}

BOOST_AUTO_TEST_CASE(info_counts_voids_by_their_reason) {
  const Scratch scratch;
  fergraph::Provenance provenance;
  provenance.class_names = {"anger", "joy"};
  fergraph::FaceCacheWriter writer(scratch / "faces.h5", {2, 2}, 1, provenance);
  writer.append({std::vector<std::uint8_t>(12), 0, "a.jpg", "train", 1});
  for (const std::string reason : {"No face was found.", "The file is empty.", "No face was found."})
    writer.append_void({1, "b.jpg", "test", 0, reason});
  writer.append({std::vector<std::uint8_t>(12), 0, "c.jpg", "train", -1});
  writer.finish();
  BOOST_TEST(
      run(scratch.folder, {"cache", "info", "faces.h5"})
          .out.ends_with("voids            2  No face was found.\n                 1  The file is empty.\n"
                         "           test  train  all\n  anger       0      0    0\n  joy         0      1    1\n"
                         "  unknown     0      1    1\n  faces       0      2    2\n  voids       3      0    3\n"));
}

BOOST_AUTO_TEST_CASE(verify_finds_one_flipped_bit) {
  const Outcome whole = run(small_faces(), {"cache", "verify", "faces.h5"});
  BOOST_TEST(whole.code == 0);
  BOOST_TEST(whole.out == "All 56 faces are whole.\n");
  const Scratch scratch;
  flipped_cache(scratch, 3);
  const Outcome damaged = run(scratch.folder, {"cache", "verify", "flipped.h5"});
  BOOST_TEST(damaged.code == 1);
  BOOST_TEST(
      damaged.out ==
      "damaged: face 3, images/00003.jpg\n1 face is damaged of 56. Remove 'flipped.h5' and run the preprocessing "
      "file again (fergraph run FILE, with the settings it was run with), which makes only what is missing.\n");
}

// A folder of three shards, kept as JPEGs, of which each but one has something wrong with it.
BOOST_AUTO_TEST_CASE(a_folder_is_looked_at_although_it_is_not_whole) {
  const Scratch scratch;
  const std::vector<std::string> preprocess = {"run",    pipelines + "/faces/demo.yaml",
                                               "--set",  "photographs=" + (small_faces() / "photographs").string(),
                                               "--set",  "cache=faces",
                                               "--set",  "streams.faces.cache.shard=12",
                                               "--set",  "streams.faces.cache.codec=jpeg",
                                               "--set",  "streams.faces.cache.quality=80",
                                               "--quiet"};
  BOOST_REQUIRE_EQUAL(run(scratch.folder, preprocess).code, 0);
  const Outcome whole = run(scratch.folder, {"cache", "info", "faces"});
  BOOST_TEST(whole.out.starts_with("56 faces of 32x32, 0 voids, in 5 shards\ncodec       jpeg of quality 80, "));
  BOOST_TEST(has(whole.out, "\nshards      all 5 are there\n"));
  BOOST_TEST(has(whole.out, "\n            codec: jpeg of quality 80\n"));
  BOOST_TEST(run(scratch.folder, {"cache", "verify", "faces", "-q"}).out == "All 56 faces are whole.\n");

  const auto shard = [&](int i) { return scratch / ("faces/0000" + std::to_string(i) + "-of-00005.h5"); };
  std::filesystem::remove(shard(0));
  scratch.write("faces/00002-of-00005.h5", "cut short");
  {
    const fergraph::FaceCacheFile opened(shard(3));
    const auto stored = opened.stored(5);
    std::string bytes = text_of(shard(3));
    const std::size_t at = bytes.find(std::string(stored.begin(), stored.end()));
    BOOST_REQUIRE(at != std::string::npos);
    bytes[at + 50] = static_cast<char>(bytes[at + 50] ^ 1);
    std::filesystem::remove(shard(3));
    scratch.write("faces/00003-of-00005.h5", bytes);
  }
  const Outcome info = run(scratch.folder, {"cache", "info", "faces"});
  BOOST_TEST(info.code == 1);
  BOOST_TEST(info.out.starts_with("32 faces of 32x32, 0 voids, in 3 shards\n"));
  BOOST_TEST(has(info.out,
                 "\nshards      4 of 5 are there\n            missing: 00000-of-00005.h5\n            unreadable: The "
                 "file 'faces/00002-of-00005.h5' is not an HDF5 file, "));
  const Outcome verified = run(scratch.folder, {"cache", "verify", "faces", "-q"});
  BOOST_TEST(verified.code == 1);
  const std::vector<std::string> lines = lines_of(verified.out);
  BOOST_REQUIRE_EQUAL(lines.size(), 4u);
  BOOST_TEST(lines[0] == "damaged: 00003-of-00005.h5, face 5, images/00041.jpg");
  BOOST_TEST(lines[1].starts_with("unreadable: The file 'faces/00002-of-00005.h5' is not an HDF5 file"));
  BOOST_TEST(lines[2] == "missing: 00000-of-00005.h5");
  BOOST_TEST(
      lines[3].starts_with("1 face is damaged of 32. 1 shard is missing of 5. Remove "
                           "'faces/00003-of-00005.h5' and 'faces/00002-of-00005.h5' and run the preprocessing "));

  // The remedy, followed.
  std::filesystem::remove(shard(2));
  std::filesystem::remove(shard(3));
  BOOST_TEST(has(run(scratch.folder, preprocess).out, "faces: 36 of 56 samples, 0 void, "));
  BOOST_TEST(run(scratch.folder, {"cache", "verify", "faces", "-q"}).code == 0);
}

BOOST_AUTO_TEST_CASE(training_stops_at_a_damaged_face) {
  const Scratch scratch;
  const std::filesystem::path file = flipped_cache(scratch, 3);
  // All of the train split, so that every face has its turn.
  const Outcome outcome =
      run(scratch.folder, train("baseline", {"--set", "cache=" + file.string(), "--set", "params.labeled.part=all",
                                             "--set", "steps=20", "--out", "out", "--quiet"}));
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(has(outcome.err, "error: streams.labeled.faces failed on sample 3 (images/00003.jpg): The face cache '" +
                                  file.string() + "' is damaged at face 3"));
}

BOOST_AUTO_TEST_CASE(files_that_are_no_caches_are_told_apart) {
  const Scratch scratch;
  scratch.write("text.h5", "no cache");
  std::filesystem::copy_file(source_folder / "tests/packs/tiny.h5", scratch.folder / "pack.h5");
  const std::string whole = text_of(small_faces() / "faces.h5");
  scratch.write("short.h5", whole.substr(0, whole.size() / 2));
  const auto refused = [&](const std::string& file, const std::string& message) {
    for (const std::string action : {"info", "verify", "preview"}) {
      const Outcome outcome = run(scratch.folder, {"cache", action, file});
      BOOST_TEST(outcome.code == 1);
      BOOST_TEST(has(outcome.err, message));
    }
  };
  refused("none.h5", "The face cache 'none.h5' does not exist: make it first or correct the path.");
  refused("text.h5", "The file 'text.h5' is not an HDF5 file, so it is no face cache");
  refused("pack.h5", "The file 'pack.h5' is an HDF5 file but not a fergraph face cache");
  refused("short.h5", "The face cache 'short.h5' is damaged or was cut short");
}

BOOST_AUTO_TEST_SUITE_END()
