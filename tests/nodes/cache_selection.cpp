#include "nodes/batch/cache_selection.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>

#include "cache/writer.hpp"
#include "graph/tree.hpp"
#include "nodes/batch/face_union.hpp"

using namespace fergraph;

namespace {

using Counts = std::map<std::string, std::int64_t>;

// 40 happiness, 30 surprise, 20 fear to train; 10 of each to test.
struct Cache {
  Cache() {
    std::filesystem::create_directories(folder);
    Provenance provenance;
    provenance.class_names = {"fear", "surprise", "happiness"};
    const Setting settings[] = {{"size", "8"}};
    provenance.fingerprint = make_fingerprint(settings);
    FaceCacheWriter writer(folder / "faces.h5", {8, 8}, 120, provenance);
    const std::vector<std::uint8_t> pixels(8 * 8 * 3, 7);
    std::int64_t row = 0;
    for (const bool test : {false, true})
      for (std::int64_t label = 0; label < 3; ++label)
        for (std::int64_t i = 0; i < (test ? 10 : 20 + 10 * label); ++i, ++row) {
          Face face;
          face.pixels = pixels;
          face.row = row;
          face.split = test ? "test" : "train";
          face.id = face.split + "_" + std::to_string(row) + ".jpg";
          face.label = label;
          writer.append(face);
        }
    writer.finish();
    cache.emplace(folder / "faces.h5");
  }
  ~Cache() {
    cache.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  SelectedFaces select(const std::string& yaml) const {
    return select_faces(*cache,
                        Codec<CacheSelection>::parse(parse_yaml("{cache: f, " + yaml + "}", "a.yaml"), nullptr));
  }
  // Of the labels as given.
  Counts counts(const SelectedFaces& selected) const {
    Counts found;
    for (const std::int64_t label : selected.labels)
      ++found[cache->provenance().class_names[static_cast<std::size_t>(label)]];
    return found;
  }
  template <class Call>
  static std::string message(const Call& call) {
    try {
      call();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "no error";
  }
  std::string refused(const std::string& yaml) const {
    return message([&] { select(yaml); });
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("fergraph_selection_" + std::to_string(::getpid()));
  std::optional<FaceCache> cache;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cache_selection, Cache)

BOOST_AUTO_TEST_CASE(labels_in_total_by_class_and_by_preset) {
  BOOST_TEST((counts(select("split: train")) == Counts{{"fear", 20}, {"surprise", 30}, {"happiness", 40}}));
  BOOST_TEST((counts(select("split: train, part: labeled, labels: 9")) ==
              Counts{{"fear", 3}, {"surprise", 3}, {"happiness", 3}}));
  BOOST_TEST((counts(select("split: train, part: labeled, labels: {fear: 2, others: 5}")) ==
              Counts{{"fear", 2}, {"surprise", 5}, {"happiness", 5}}));
  BOOST_TEST((counts(select("split: train, part: labeled, labels: [1, 2, 3]")) ==
              Counts{{"fear", 1}, {"surprise", 2}, {"happiness", 3}}));
  const SelectedFaces preset = select("split: train, part: labeled, labels: fer-100");
  BOOST_TEST((counts(preset) == Counts{{"fear", 10}, {"surprise", 15}, {"happiness", 15}}));
  BOOST_TEST(preset.warnings.empty());
  BOOST_TEST(select("split: train, part: unlabeled, labels: fer-100").faces.size() == 50u);
}

BOOST_AUTO_TEST_CASE(no_class_gives_more_than_half) {
  const SelectedFaces selected = select("split: train, part: labeled, labels: fer-400");
  BOOST_TEST((counts(selected) == Counts{{"fear", 10}, {"surprise", 15}, {"happiness", 20}}));
  BOOST_REQUIRE_EQUAL(selected.warnings.size(), 3u);
  BOOST_TEST(selected.warnings[0] == "The class 'fear' gives 10 labeled samples instead of 40: half of its 20.");
}

BOOST_AUTO_TEST_CASE(a_validation_part_is_apart_from_all_others) {
  const std::string common = "split: train, validation: 0.2, seed: 3, labels: 9, part: ";
  const SelectedFaces validation = select(common + "validation");
  BOOST_TEST((counts(validation) == Counts{{"fear", 4}, {"surprise", 6}, {"happiness", 8}}));
  std::map<std::int64_t, int> seen;
  for (const std::string part : {"validation", "labeled", "unlabeled"})
    for (const std::int64_t face : select(common + part).faces) ++seen[face];
  BOOST_TEST(seen.size() == 90u);
  for (const auto& [face, times] : seen) BOOST_TEST(times == 1);
  BOOST_TEST(select(common + "all").faces.size() == 72u);
  BOOST_TEST(select(common + "validation").faces == validation.faces, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(symmetric_noise_is_exact_per_class_and_seeded) {
  const std::string yaml = "split: train, noise: {kind: symmetric, rate: 0.25, seed: 5}";
  const SelectedFaces noisy = select(yaml);
  BOOST_TEST(noisy.changed == 5 + 8 + 10);  // round(7.5) = 8
  std::map<std::int64_t, int> changed;
  for (std::size_t i = 0; i < noisy.faces.size(); ++i)
    if (noisy.labels[i] != cache->label(noisy.faces[i])) ++changed[cache->label(noisy.faces[i])];
  BOOST_TEST((changed == std::map<std::int64_t, int>{{0, 5}, {1, 8}, {2, 10}}));
  BOOST_TEST(select(yaml).labels == noisy.labels, boost::test_tools::per_element());
  BOOST_TEST((select("split: train, noise: {kind: symmetric, rate: 0.25, seed: 6}").labels != noisy.labels));
  BOOST_TEST(noisy.warnings.empty());
}

BOOST_AUTO_TEST_CASE(asymmetric_noise_swaps_fear_and_surprise) {
  const SelectedFaces noisy = select("split: train, noise: {kind: asymmetric, rate: 0.5}");
  BOOST_TEST(noisy.changed == 10 + 15);
  BOOST_TEST((counts(noisy) == Counts{{"fear", 25}, {"surprise", 25}, {"happiness", 40}}));
  const SelectedFaces other = select("split: train, noise: {kind: asymmetric, rate: 1, pairs: {happiness: fear}}");
  BOOST_TEST((counts(other) == Counts{{"fear", 60}, {"surprise", 30}}));
}

BOOST_AUTO_TEST_CASE(faces_that_are_measured_with_keep_their_labels) {
  const SelectedFaces all = select("noise: {kind: symmetric, rate: 1}");
  for (std::size_t i = 0; i < all.faces.size(); ++i)
    BOOST_TEST((all.labels[i] == cache->label(all.faces[i])) == (cache->split(all.faces[i]) == "test"));
  BOOST_REQUIRE_EQUAL(all.warnings.size(), 1u);
  BOOST_TEST(all.warnings[0] ==
             "The noise leaves 30 faces as they are, because they are measured with: they are of the "
             "split 'test' and the like.");
  BOOST_TEST(select("split: test, noise: {kind: symmetric, rate: 1}").changed == 0);
  BOOST_TEST(select("split: train, part: validation, validation: 0.5, noise: {kind: symmetric, rate: 1}").changed == 0);

  // Numbers of RAF-DB: 1 surprise, 2 fear, 4 happiness.
  std::ofstream(folder / "noise.txt") << "train_0.jpg 1\ntrain_1.jpg 2\ntest_90.jpg 4\n";
  const SelectedFaces listed = select("noise: {kind: list, file: " + (folder / "noise.txt").string() + "}");
  BOOST_TEST(listed.changed == 1);
  BOOST_TEST(listed.labels[0] == 1);
  BOOST_TEST(listed.labels[90] == 0);
  BOOST_REQUIRE_EQUAL(listed.warnings.size(), 2u);
  BOOST_TEST(
      listed.warnings[0].ends_with("noise.txt: rows that give a sample of a test or validation split another "
                                   "label, not followed: 1 (first: " +
                                   (folder / "noise.txt").string() + ":3)."));
  // Other numbers.
  BOOST_TEST(select("noise: {kind: list, classes: [happiness, surprise, x, fear], file: " +
                    (folder / "noise.txt").string() + "}")
                 .labels[0] == 2);
}

BOOST_AUTO_TEST_CASE(selections_are_joined) {
  const auto selection = [&](const std::string& yaml) {
    return Codec<CacheSelection>::parse(
        parse_yaml("{cache: " + (folder / "faces.h5").string() + ", " + yaml + "}", "a.yaml"), nullptr);
  };
  const std::vector<CacheSelection> parts = {selection("split: train, part: labeled, labels: 6"),
                                             selection("split: train, part: unlabeled, labels: 6"),
                                             selection("split: test")};
  const FaceUnion joined({parts}, Preparation());
  BOOST_TEST(joined.size() == 6 + 84 + 30);
  const std::vector<std::int64_t> labels = joined.labels();
  BOOST_TEST(std::count(labels.begin(), labels.end(), -1) == 84);
  const SelectedFaces first = select_faces(*cache, parts[0]), second = select_faces(*cache, parts[1]);
  for (const std::int64_t at : {0, 5, 6, 89, 90, 119}) {
    Context context;
    context.sample = at;
    const FaceUnion::Out out = joined.run(context);
    BOOST_TEST(out.index.value == at);
    BOOST_TEST(out.label.value == labels[static_cast<std::size_t>(at)]);
    // Also of the unlabeled part, to measure with.
    BOOST_TEST((out.clean.value >= 0 && (out.label.value < 0 || out.clean.value == out.label.value)));
    BOOST_TEST(out.image.pixels.rows == 8);
  }
  BOOST_TEST(joined.sample_name(5) == cache->id(first.faces[5]));
  BOOST_TEST(joined.sample_name(6) == cache->id(second.faces[0]));
  BOOST_TEST(joined.sample_name(119) == "test_119.jpg");
  BOOST_TEST(message([&] { FaceUnion({}, Preparation()); }).starts_with("A union of faces needs at least one"));
}

BOOST_AUTO_TEST_CASE(selections_of_different_kinds_are_not_joined) {
  const auto other = [&](const std::string& name, FaceShape shape, std::vector<std::string> classes) {
    Provenance provenance;
    provenance.class_names = std::move(classes);
    const Setting settings[] = {{"size", "8"}};
    provenance.fingerprint = make_fingerprint(settings);
    FaceCacheWriter writer(folder / name, shape, 1, provenance);
    const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape.height * shape.width * 3), 7);
    Face face;
    face.pixels = pixels;
    face.split = "train";
    face.id = "one.jpg";
    face.label = 0;
    writer.append(face);
    writer.finish();
    CacheSelection mine, theirs;
    mine.cache = folder / "faces.h5";
    theirs.cache = folder / name;
    return message([&] { FaceUnion({{mine, theirs}}, Preparation()); });
  };
  BOOST_TEST(other("classes.h5", {8, 8}, {"fear", "happiness", "surprise"})
                 .find("has the classes 'fear', 'happiness' and 'surprise', but '") != std::string::npos);
  BOOST_TEST(
      other("size.h5", {6, 8}, {"fear", "surprise", "happiness"}).find("has faces of 8x6 pixels, but those of '") !=
      std::string::npos);
}

BOOST_AUTO_TEST_CASE(classes_are_numbered_by_their_names) {
  const SelectedFaces own = select("split: test");
  BOOST_TEST(own.class_names == cache->provenance().class_names, boost::test_tools::per_element());
  const SelectedFaces other = select("split: test, classes: [Happiness, anger, fear, surprise]");
  BOOST_TEST(other.class_names == (std::vector<std::string>{"Happiness", "anger", "fear", "surprise"}),
             boost::test_tools::per_element());
  BOOST_TEST(other.faces == own.faces, boost::test_tools::per_element());
  const std::vector<std::int64_t> numbers = {2, 3, 0};
  for (std::size_t i = 0; i < own.labels.size(); ++i)
    BOOST_TEST(other.labels[i] == numbers[static_cast<std::size_t>(own.labels[i])]);
  BOOST_TEST(other.labels == other.clean, boost::test_tools::per_element());
  // What is chosen by name is the same, and noise draws among the classes that there are.
  const SelectedFaces few = select(
      "split: train, part: labeled, labels: {fear: 2, others: 5}, classes: [happiness, fear, surprise], noise: {kind: "
      "asymmetric, rate: 0.4, pairs: {fear: happiness}}");
  BOOST_TEST(std::count(few.clean.begin(), few.clean.end(), 1) == 2);
  BOOST_TEST(few.changed == 1);
  BOOST_TEST(std::count(few.labels.begin(), few.labels.end(), 1) == 1);
  CacheSelection joined;
  joined.cache = folder / "faces.h5";
  joined.split = "test";
  joined.classes = {"happiness", "fear", "surprise"};
  const FaceUnion both({{joined, joined}}, Preparation());
  BOOST_TEST(both.labels()[0] == 1);
  Context context;
  context.sample = 30;
  BOOST_TEST(both.run(context).clean.value == 1);
}

BOOST_AUTO_TEST_CASE(classes_count_as_others_or_are_left_out) {
  const SelectedFaces joined = select("split: test, aliases: {surprise: fear}");
  BOOST_TEST((counts(joined) == Counts{{"fear", 20}, {"happiness", 10}}));
  const SelectedFaces without = select("split: test, aliases: {Surprise: ~}");
  BOOST_TEST((counts(without) == Counts{{"fear", 10}, {"happiness", 10}}));
  BOOST_TEST(without.faces.size() == 20U);
  const SelectedFaces renamed =
      select("split: test, classes: [afraid, happiness], aliases: {fear: afraid, surprise: ~}");
  BOOST_TEST(std::count(renamed.labels.begin(), renamed.labels.end(), 0) == 10);
  BOOST_TEST(std::count(renamed.labels.begin(), renamed.labels.end(), 1) == 10);
  BOOST_TEST(refused("split: test, classes: [happiness]") ==
             "The cache '" + (folder / "faces.h5").string() +
                 "' has faces of classes that are not known here: 'fear' (10 faces), 'surprise' (10 faces). Known are "
                 "'happiness'. The selection's 'aliases: {fear: ~, surprise: ~}' leaves them out; the name of a known "
                 "class in place of ~ counts them as that.");
  BOOST_TEST(refused("aliases: {feer: ~}") == "'aliases' names the class 'feer', but the cache '" +
                                                  (folder / "faces.h5").string() +
                                                  "' has 'fear', 'surprise' and 'happiness'. Did you mean 'fear'?");
  BOOST_TEST(
      refused("aliases: {fear: hapiness}") ==
      "'aliases' makes 'fear' the class 'hapiness', which is none of 'fear', 'surprise' and 'happiness'. Did you "
      "mean 'happiness'?");
  BOOST_TEST(refused("aliases: {fear: ~, surprise: ~, happiness: ~}")
                 .ends_with("no face is left: 'aliases' leaves out every class that it has. Leave out fewer."));
  BOOST_TEST(refused("aliases: {fear: [a]}").find("the name of a class or ~") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_TEST(
      refused("splt: train")
          .starts_with(
              "a.yaml:1:12: error: A selection of faces has no key 'splt'. It knows 'cache', 'made_by', 'split', "
              "'part', 'labels', 'seed', "
              "'validation', 'noise', 'classes' and 'aliases'. Did you mean 'split'?"));
  BOOST_TEST(refused("split: trian").ends_with("has no faces of the split 'trian'. It has 'test' and 'train'."));
  BOOST_TEST(refused("part: labeled") == "The part 'labeled' needs 'labels': how many samples keep their label.");
  BOOST_TEST(refused("part: validation") ==
             "The part 'validation' needs 'validation': the share of each class that is kept apart.");
  BOOST_TEST(refused("labels: fer-300").find("'fer-100', 'fer-400', 'fer-1000', 'fer-2000' and 'fer-4000'") !=
             std::string::npos);
  BOOST_TEST(refused("part: labeled, labels: {feer: 3, others: 4}") ==
             "Labels are asked for the class 'feer', which the data set does not have; did you mean 'fear'?");
  BOOST_TEST(refused("noise: {rate: 0.1}").ends_with("Noise needs 'kind': symmetric, asymmetric or list."));
  BOOST_TEST(refused("noise: {kind: symmetric}")
                 .ends_with("Noise of the kind 'symmetric' needs 'rate': the share of each class that gets a wrong "
                            "label."));
  BOOST_TEST(refused("noise: {kind: list}")
                 .ends_with("Noise of the kind 'list' needs 'file': a label file in RAF-DB's format."));
  BOOST_TEST(refused("noise: {kind: symmetric, rat: 1}").find("Noise has no key 'rat'. It knows 'kind', 'rate',") !=
             std::string::npos);
  BOOST_TEST(refused("noise: {kind: symmetric, rate: 2}").find("a rate from 0 to 1") != std::string::npos);
  BOOST_TEST(refused("validation: 1").find("from 0 to below 1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
