// What is written comes back, and the same faces give the same bytes.
#include <malloc.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <thread>

#include "tests/cache/made_cache.hpp"

namespace fergraph::test {

namespace {

void check_made_cache(const FaceCache& cache, FaceShape shape, std::int64_t faces) {
  BOOST_TEST(cache.size() == faces);
  BOOST_TEST((cache.shape() == shape));
  for (std::int64_t i = 0; i < faces; ++i) {
    const auto pixels = made_pixels(shape, i);
    const Face wanted = made_face(pixels, i);
    BOOST_TEST(std::ranges::equal(cache.stored(i), pixels));
    BOOST_TEST(cache.read(i, {}).data() == cache.stored(i).data());
    BOOST_TEST(cache.id(i) == wanted.id);
    BOOST_TEST(cache.split(i) == wanted.split);
    BOOST_TEST(cache.row(i) == wanted.row);
    BOOST_TEST(cache.label(i) == wanted.label);
    BOOST_TEST((cache.landmarks(i) == wanted.landmarks));
    BOOST_TEST((cache.box(i) == wanted.box));
  }
  BOOST_TEST(cache.verify().empty());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cache_round_trip)

BOOST_AUTO_TEST_CASE(everything_written_is_read) {
  const Scratch folder;
  const FaceShape shape{48, 40};
  make_cache(folder / "faces.h5", shape, 21, 21);
  const FaceCache cache(folder / "faces.h5");
  check_made_cache(cache, shape, 21);

  const Provenance wanted = made_provenance();
  BOOST_TEST(cache.provenance().class_names == wanted.class_names);
  BOOST_TEST(cache.provenance().pipeline == wanted.pipeline);
  BOOST_TEST(cache.provenance().versions_json == wanted.versions_json);
  BOOST_TEST((cache.provenance().fingerprint == wanted.fingerprint));
  BOOST_TEST(cache.rows().size() == 21U);
  BOOST_TEST(cache.labels()[2] == 1);

  const std::vector<MissingFace> voids{{3, "test/Ärger.jpg", "test", 0, "no face found"},
                                       {4, "train/black.jpg", "train", unknown_label, "not an image"}};
  BOOST_TEST((cache.voids() == voids));
  BOOST_TEST(folder.count_of_files() == 1U);
}

BOOST_AUTO_TEST_CASE(small_caches_are_read) {  // below the alignment's threshold: the pixels are moved
  const Scratch folder;
  for (const std::int64_t faces : {1, 2, 9}) {
    make_cache(folder / "faces.h5", {2, 3}, faces, faces);
    check_made_cache(FaceCache(folder / "faces.h5"), {2, 3}, faces);
  }
}

BOOST_AUTO_TEST_CASE(a_cache_may_hold_only_voids) {
  const Scratch folder;
  make_cache(folder / "faces.h5", {48, 48}, 0, 30);
  const FaceCache cache(folder / "faces.h5");
  BOOST_TEST(cache.size() == 0);
  BOOST_TEST(cache.voids().size() == 2U);
  BOOST_TEST(cache.verify().empty());
}

BOOST_AUTO_TEST_CASE(a_cache_may_be_empty) {
  const Scratch folder;
  FaceCacheWriter(folder / "faces.h5", {48, 48}, 0, Provenance{}).finish();
  const FaceCache cache(folder / "faces.h5");
  BOOST_TEST(cache.size() == 0);
  BOOST_TEST(cache.voids().empty());
}

BOOST_AUTO_TEST_CASE(the_same_faces_give_the_same_bytes) {
  const Scratch folder;
  // Fresh memory filled with another byte each time, so that no leftover of the heap can pass unseen.
  mallopt(M_PERTURB, 0x5a);
  make_cache(folder / "first.h5", {48, 48}, 40, 40);
  mallopt(M_PERTURB, 0x33);
  make_cache(folder / "second.h5", {48, 48}, 40, 40);
  mallopt(M_PERTURB, 0);
  BOOST_TEST((text_of(folder / "first.h5") == text_of(folder / "second.h5")));
}

BOOST_AUTO_TEST_CASE(the_expected_count_leaves_no_trace) {
  const Scratch folder;
  make_cache(folder / "exact.h5", {48, 48}, 40, 40);
  make_cache(folder / "fewer.h5", {48, 48}, 40, 500);
  make_cache(folder / "more.h5", {48, 48}, 40, 7);
  const std::string wanted = text_of(folder / "exact.h5");
  BOOST_TEST((text_of(folder / "fewer.h5") == wanted));
  BOOST_TEST((text_of(folder / "more.h5") == wanted));
  BOOST_TEST(wanted.size() < 40 * 48 * 48 * 3 + 40000U);
}

BOOST_AUTO_TEST_CASE(texts_may_be_long_or_empty) {
  const Scratch folder;
  Provenance provenance = made_provenance();
  provenance.pipeline = std::string(300000, 'p');
  const auto pixels = made_pixels({4, 4}, 0);
  for (const char* name : {"first.h5", "second.h5"}) {
    mallopt(M_PERTURB, name[0]);
    FaceCacheWriter writer(folder / name, {4, 4}, 2, provenance);
    writer.append({pixels, 0, "", "", unknown_label});
    writer.append({pixels, std::numeric_limits<std::int64_t>::max(), std::string(70000, 'i'), "train", 2});
    writer.finish();
  }
  mallopt(M_PERTURB, 0);
  const FaceCache cache(folder / "first.h5");
  BOOST_TEST(cache.provenance().pipeline == provenance.pipeline);
  BOOST_TEST(cache.id(0).empty());
  BOOST_TEST(cache.split(0).empty());
  BOOST_TEST(cache.id(1).size() == 70000U);
  BOOST_TEST(cache.row(1) == std::numeric_limits<std::int64_t>::max());
  BOOST_TEST((text_of(folder / "first.h5") == text_of(folder / "second.h5")));
}

BOOST_AUTO_TEST_CASE(a_writer_can_be_moved) {
  const Scratch folder;
  const FaceShape shape{8, 8};
  FaceCacheWriter first(folder / "faces.h5", shape, 4, made_provenance());
  append_made(first, shape, 0, 2);
  FaceCacheWriter second = std::move(first);
  append_made(second, shape, 2, 4);
  BOOST_TEST(second.size() == 4);
  second.finish();
  check_made_cache(FaceCache(folder / "faces.h5"), shape, 4);
}

BOOST_AUTO_TEST_CASE(many_threads_open_and_read_at_once) {
  const Scratch folder;
  const FaceShape shape{16, 16};
  make_cache(folder / "faces.h5", shape, 200, 200);
  const FaceCache shared(folder / "faces.h5");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      const FaceCache own(folder / "faces.h5");
      for (std::int64_t i = 0; i < 200; ++i) {
        const std::int64_t index = (i * 7 + t * 50) % 200;
        const auto wanted = made_pixels(shape, index);
        if (!std::ranges::equal(shared.read(index, {}), wanted) || !std::ranges::equal(own.stored(index), wanted))
          ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_cache_replaced_while_open_stays_readable) {
  const Scratch folder;
  const FaceShape shape{16, 16};
  make_cache(folder / "faces.h5", shape, 5, 5);
  const FaceCache old(folder / "faces.h5");
  make_cache(folder / "faces.h5", shape, 9, 9);
  check_made_cache(old, shape, 5);
  check_made_cache(FaceCache(folder / "faces.h5"), shape, 9);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fergraph::test
