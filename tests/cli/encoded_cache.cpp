// Faces kept as JPEGs, from photographs to training, and as other programs read them.
#include "cache/reader.hpp"
#include "tests/cli/small_faces.hpp"

using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(encoded_cache, *boost::unit_test::fixture<SmallPhotographs>())

namespace {

std::vector<std::string> encode(std::vector<std::string> more = {}, const std::string& out = "run") {
  std::vector<std::string> arguments = preprocess(small_faces() / "photographs", out);
  for (const std::string setting : {"size=48", "streams.faces.cache.codec=jpeg"})
    arguments.insert(arguments.end(), {"--set", setting});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace

BOOST_AUTO_TEST_CASE(threads_and_shares_do_not_change_the_bytes) {
  const Scratch one, four, whole, shared;
  BOOST_REQUIRE_EQUAL(run(one.folder, encode({"--threads", "1"})).code, 0);
  BOOST_REQUIRE_EQUAL(run(four.folder, encode({"--threads", "4"})).code, 0);
  BOOST_TEST((text_of(one / "faces.h5") == text_of(four / "faces.h5")));
  const std::vector<std::string> in_shards = {"--set", "streams.faces.cache.shard=20"};
  BOOST_REQUIRE_EQUAL(run(whole.folder, encode({"--set", "cache=faces", in_shards[0], in_shards[1]})).code, 0);
  for (const std::string share : {"0/2", "1/2"}) {
    const auto arguments =
        encode({"--set", "cache=faces", in_shards[0], in_shards[1], "--shard", share}, "run-" + share.substr(0, 1));
    BOOST_REQUIRE_EQUAL(run(shared.folder, arguments).code, 0);
  }
  for (const std::string name : {"00000-of-00003.h5", "00001-of-00003.h5", "00002-of-00003.h5"})
    BOOST_TEST((text_of(whole / "faces" / name) == text_of(shared / "faces" / name)));
}

BOOST_AUTO_TEST_CASE(another_quality_makes_the_cache_stale) {
  const Scratch scratch;
  BOOST_REQUIRE_EQUAL(run(scratch.folder, encode()).code, 0);
  BOOST_TEST(run(scratch.folder, encode({}, "again")).out == "Everything is up to date; nothing to do.\n");
  const Outcome other = run(scratch.folder, encode({"--set", "streams.faces.cache.quality=80"}, "other"));
  BOOST_TEST(has(other.err, "  codec: jpeg of quality 95 in the cache, jpeg of quality 80 wanted."));
  const Outcome wrong = run(scratch.folder, encode({"--set", "streams.faces.cache.quality=101"}, "wrong"));
  BOOST_TEST(wrong.code == 2);
  BOOST_TEST(has(wrong.err, "quality"));
}

BOOST_AUTO_TEST_CASE(an_encoded_cache_is_trained_on) {
  const Scratch scratch;
  BOOST_REQUIRE_EQUAL(run(scratch.folder, encode()).code, 0);
  const std::string cache = "cache=" + (scratch / "faces.h5").string();
  const auto trained = [&](const std::string& out, const std::string& threads) {
    const Outcome outcome =
        run(scratch.folder, train("baseline", {"--set", cache, "--out", out, "--threads", threads, "--quiet"}));
    BOOST_TEST(outcome.code == 0);
    return text_of(scratch / out / "metrics.jsonl");
  };
  BOOST_TEST(trained("one", "1") == trained("four", "4"));
}

BOOST_AUTO_TEST_CASE(h5py_reads_both_codecs) {
  if (std::system("/usr/bin/python3 -c 'import h5py, PIL' > /dev/null 2>&1") != 0) {
    BOOST_TEST_MESSAGE("Skipped: there is no h5py or no Pillow (Debian's python3-h5py, python3-pil).");
    return;
  }
  const Scratch scratch;
  BOOST_REQUIRE_EQUAL(run(scratch.folder, encode({"--set", "cache=jpeg.h5"})).code, 0);
  BOOST_REQUIRE_EQUAL(
      run(scratch.folder, encode({"--set", "cache=raw.h5", "--set", "streams.faces.cache.codec=raw"}, "raw")).code, 0);
  for (const std::string codec : {"raw", "jpeg"}) {
    const std::string command = "cd '" + scratch.folder.string() + "' && /usr/bin/python3 '" +
                                (source_folder / "examples/read_cache.py").string() + "' " + codec + ".h5 face.ppm > " +
                                codec + ".txt";
    BOOST_TEST(std::system(command.c_str()) == 0);
    BOOST_TEST(has(text_of(scratch / (codec + ".txt")), ", 56 faces of 48x48, " + codec));
    const fergraph::FaceCache cache(scratch / (codec + ".h5"));
    std::vector<std::uint8_t> buffer(cache.buffer_size());
    const auto pixels = cache.read(0, buffer);
    const std::string picture = text_of(scratch / "face.ppm");
    const std::string header = "P6 48 48 255\n";
    BOOST_REQUIRE_EQUAL(picture.size(), header.size() + pixels.size());
    int worst = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      worst = std::max(worst, std::abs(pixels[i] - static_cast<std::uint8_t>(picture[header.size() + i])));
    // Pillow's libjpeg may be another.
    BOOST_TEST(worst <= (codec == "raw" ? 0 : 2));
  }
}

BOOST_AUTO_TEST_SUITE_END()
