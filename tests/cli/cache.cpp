// `fergraph cache`, and training from a cache that is damaged.
#include <hdf5.h>

#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

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

BOOST_AUTO_TEST_SUITE(cache_command, *boost::unit_test::fixture<SmallCache>())

BOOST_AUTO_TEST_CASE(info_counts_faces_by_split_and_class) {
  const Outcome outcome = run(small_faces(), {"cache", "info", "faces.h5"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out.starts_with("56 faces of 32x32, 0 voids\nfingerprint "));
  BOOST_TEST(
      outcome.out.ends_with("test:  surprise 2  fear 2  disgust 2  happiness 2  sadness 2  anger 2  neutral 2\n"
                            "train:  surprise 6  fear 6  disgust 6  happiness 6  sadness 6  anger 6  neutral 6\n"));
}

BOOST_AUTO_TEST_CASE(verify_finds_one_flipped_bit) {
  const Outcome whole = run(small_faces(), {"cache", "verify", "faces.h5"});
  BOOST_TEST(whole.code == 0);
  BOOST_TEST(whole.out == "All 56 faces are whole.\n");
  const Scratch scratch;
  flipped_cache(scratch, 3);
  const Outcome damaged = run(scratch.folder, {"cache", "verify", "flipped.h5"});
  BOOST_TEST(damaged.code == 1);
  BOOST_TEST(damaged.out == "damaged: face 3, images/00003.jpg\n");
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
    for (const std::string action : {"info", "verify"}) {
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
