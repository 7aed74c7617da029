// `fergraph predict`: what it finds, prints and draws, and what it says of nonsense.
#include "report/model/predictor.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "cache/reader.hpp"
#include "tests/cli/trained_model.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> lines;
  for (const std::string& line : lines_of(text)) lines.push_back(Json::parse(line));
  return lines;
}

std::string model() { return (small_faces() / "model").string(); }

// Of copies in the scratch folder: a.png, b.png, ….
std::vector<std::string> copies(const Scratch& scratch, std::size_t count) {
  std::vector<std::string> names;
  for (const fs::path& each : photographs(count)) {
    names.push_back(std::string(1, static_cast<char>('a' + names.size())) + each.extension().string());
    fs::copy_file(each, scratch / names.back());
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(predict, *boost::unit_test::fixture<TrainedModel>())

BOOST_AUTO_TEST_CASE(json_and_csv_have_their_shapes) {
  const Scratch scratch;
  const auto names = copies(scratch, 2);
  scratch.write("grey.ppm", "P6 40 40 255\n" + std::string(40 * 40 * 3, 'x'));
  const Outcome json = run(scratch.folder, {"predict", model(), names[0], names[1], "grey.ppm", "--json"});
  BOOST_TEST(json.code == 0);
  const std::vector<Json> lines = json_lines(json.out);
  BOOST_REQUIRE_EQUAL(lines.size(), 3U);
  BOOST_TEST(lines[0]["image"] == names[0]);
  const Json& face = lines[0]["faces"].at(0);
  std::vector<std::string> keys;
  for (const auto& [key, value] : face.items()) keys.push_back(key);
  BOOST_TEST(keys == (std::vector<std::string>{"box", "confidence", "expression", "probabilities"}),
             boost::test_tools::per_element());
  BOOST_TEST(face["box"].size() == 4U);
  BOOST_TEST(face["probabilities"].size() == 7U);
  BOOST_TEST(face["probabilities"][face["expression"].get<std::string>()] == face["confidence"]);
  BOOST_TEST(lines[2].dump() == R"({"faces":[],"image":"grey.ppm","reason":"No face was found."})");
  BOOST_TEST(has(json.err, "3 pictures: 2 faces in 2, none found in 1."));

  const Outcome csv = run(scratch.folder, {"predict", model(), names[0], "grey.ppm", "--csv", "-q"});
  const std::vector<std::string> rows = lines_of(csv.out);
  BOOST_REQUIRE_EQUAL(rows.size(), 3U);
  BOOST_TEST(rows[0] ==
             "image,face,x,y,width,height,expression,confidence,p_surprise,p_fear,p_disgust,p_happiness,p_sadness,"
             "p_anger,p_neutral,reason");
  BOOST_TEST(rows[1].starts_with(names[0] + ",0,"));
  BOOST_TEST(rows[1].ends_with(","));
  BOOST_TEST(std::count(rows[1].begin(), rows[1].end(), ',') == std::count(rows[0].begin(), rows[0].end(), ','));
  BOOST_TEST(rows[2] == "grey.ppm,,,,,,,,,,,,,,,No face was found.");
  BOOST_TEST(csv.err.empty());

  // The best first, each with its share.
  const Outcome columns = run(scratch.folder, {"predict", model(), names[0], "--top", "2"});
  const std::vector<std::string> text = lines_of(columns.out);
  BOOST_REQUIRE_EQUAL(text.size(), 2U);
  BOOST_TEST(text[0] == names[0]);
  BOOST_TEST(std::count(text[1].begin(), text[1].end(), '%') == 2);
  BOOST_TEST(has(text[1], face["expression"].get<std::string>()));
}

BOOST_AUTO_TEST_CASE(folders_patterns_and_standard_input_name_pictures) {
  const Scratch scratch;
  const auto names = copies(scratch, 3);
  fs::create_directories(scratch / "sub/deeper");
  fs::rename(scratch / names[2], scratch / "sub/deeper" / names[2]);
  scratch.write("sub/notes.txt", "no picture");
  scratch.write(".hidden/x.png", "");
  const auto images = [&](const std::vector<std::string>& words) {
    std::vector<std::string> arguments = {"predict", model(), "--json", "-q"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    std::vector<std::string> found;
    for (const Json& line : json_lines(run(scratch.folder, arguments).out)) found.push_back(line["image"]);
    return found;
  };
  const std::string deep = "sub/deeper/" + names[2];
  const std::vector<std::string> expected = {"./" + names[0], "./" + names[1], "./" + deep};
  BOOST_TEST(images({"."}) == expected, boost::test_tools::per_element());
  BOOST_TEST(images({"[ab].*"}) == (std::vector<std::string>{names[0], names[1]}), boost::test_tools::per_element());
  BOOST_TEST(images({"s*"}) == (std::vector<std::string>{deep}), boost::test_tools::per_element());
  scratch.write("list.txt", names[1] + "\r\n\n" + deep + "\n");
  const std::string command = "cd '" + scratch.folder.string() + "' && '" FERGRAPH_PROGRAM "' predict '" + model() +
                              "' - --json -q < list.txt > told.jsonl";
  BOOST_TEST(std::system(command.c_str()) == 0);
  const std::vector<Json> told = json_lines(text_of(scratch / "told.jsonl"));
  BOOST_REQUIRE_EQUAL(told.size(), 2U);
  BOOST_TEST(told[1]["image"] == deep);
}

BOOST_AUTO_TEST_CASE(words_that_name_no_picture_are_no_success) {
  const Scratch scratch;
  const auto names = copies(scratch, 1);
  fs::create_directories(scratch / "empty");
  for (const auto& [word, warning] : {std::pair("no*.png", "warning: No file fits 'no*.png'."),
                                      std::pair("empty", "warning: The folder 'empty' holds no pictures.")}) {
    const Outcome outcome = run(scratch.folder, {"predict", model(), word, names[0], "--json"});
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(has(outcome.err, warning));
    const std::vector<Json> lines = json_lines(outcome.out);
    BOOST_REQUIRE_EQUAL(lines.size(), 1U);
    BOOST_TEST(lines[0]["image"] == names[0]);
  }
}

BOOST_AUTO_TEST_CASE(damaged_pictures_are_told_and_stop_nobody) {
  const Scratch scratch;
  const auto names = copies(scratch, 2);
  scratch.write("cut.jpg", "\xFF\xD8\xFF");
  scratch.write("empty.png", "");
  const Outcome outcome =
      run(scratch.folder, {"predict", model(), names[0], "cut.jpg", "no-such.jpg", "empty.png", names[1], "--json"});
  BOOST_TEST(outcome.code == 1);
  const std::vector<Json> lines = json_lines(outcome.out);
  BOOST_REQUIRE_EQUAL(lines.size(), 5U);
  BOOST_TEST(lines[4]["faces"].size() == 1U);
  BOOST_TEST(lines[2]["error"] == "There is no such file.");
  BOOST_TEST(has(outcome.err, "warning: no-such.jpg: There is no such file.\n"));
  BOOST_TEST(has(outcome.err, "warning: empty.png: "));
  BOOST_TEST(has(outcome.err, "5 pictures: 2 faces in 2, 3 could not be read."));
  // Alone it is an answer, and no failure of the engine.
  const Outcome alone = run(scratch.folder, {"predict", model(), "empty.png"});
  BOOST_TEST(alone.code == 1);
  BOOST_TEST(alone.out.empty());
  BOOST_TEST(!has(alone.err, "could not deliver"));
  const Outcome csv = run(scratch.folder, {"predict", model(), "no-such.jpg", "--csv", "-q"});
  BOOST_TEST(lines_of(csv.out).back() == "no-such.jpg,,,,,,,,,,,,,,,There is no such file.");
}

BOOST_AUTO_TEST_CASE(the_limit_of_pixels_can_be_set) {
  const Scratch scratch;
  const auto names = copies(scratch, 1);
  for (const std::string& how : {std::string("--quiet"), std::string("--aligned")}) {
    const Outcome small = run(scratch.folder, {"predict", model(), names[0], how, "--max-pixels", "1000"});
    BOOST_TEST(small.code == 1);
    BOOST_TEST(has(small.err, "pixels, more than the limit of 1000; raise the limit if the file is right."));
    BOOST_TEST(run(scratch.folder, {"predict", model(), names[0], how, "--max-pixels", "200000000"}).code == 0);
  }
}

BOOST_AUTO_TEST_CASE(copies_differ_where_something_is_drawn) {
  const Scratch scratch;
  const auto names = copies(scratch, 3);
  fs::create_directories(scratch / "more");
  fs::copy_file(scratch / names[0], scratch / "more" / names[0]);
  const cv::Mat original = cv::imread((scratch / names[0]).string());
  const Outcome one = run(scratch.folder, {"predict", model(), names[0], "--draw", "drawn.png", "--json"});
  BOOST_TEST(one.code == 0);
  const cv::Mat drawn = cv::imread((scratch / "drawn.png").string());
  BOOST_REQUIRE((drawn.size() == original.size()));
  cv::Mat difference;
  cv::absdiff(drawn, original, difference);
  BOOST_TEST(cv::countNonZero(difference.reshape(1)) > 100);
  // The frame, with its rim, and the tag beside it.
  const Json box = json_lines(one.out)[0]["faces"][0]["box"];
  const int x = box[0], y = box[1], width = box[2], height = box[3];
  cv::Mat inside =
      difference(cv::Rect(x + 8, y + height / 2, width - 16, height / 2 - 8) & cv::Rect({0, 0}, difference.size()));
  BOOST_TEST(cv::countNonZero(inside.reshape(1)) == 0);
  difference(cv::Rect(0, y - 40, difference.cols, height + 48) & cv::Rect({0, 0}, difference.size())).setTo(0);
  BOOST_TEST(cv::countNonZero(difference.reshape(1)) == 0);
  BOOST_TEST((cv::countNonZero(cv::Mat(cv::imread((scratch / names[0]).string()) != original).reshape(1)) == 0));

  // A folder keeps the order of folders, and two of one name.
  BOOST_TEST(run(scratch.folder, {"predict", model(), names[0], names[1], "more", "--draw", "out", "-q"}).code == 0);
  const std::string stem = fs::path(names[0]).stem().string(), ending = fs::path(names[0]).extension().string();
  BOOST_TEST(fs::exists(scratch / "out" / names[0]));
  BOOST_TEST(fs::exists(scratch / "out" / (stem + "-2" + ending)));
  BOOST_TEST(fs::exists(scratch / "out" / names[1]));
}

BOOST_AUTO_TEST_CASE(endings_in_capitals_are_endings) {
  const Scratch scratch;
  const auto names = copies(scratch, 1);
  const cv::Mat picture = cv::imread((scratch / names[0]).string());
  BOOST_REQUIRE(cv::imwrite((scratch / "UP.JPG").string(), picture));
  BOOST_TEST(run(scratch.folder, {"predict", model(), "UP.JPG", "--draw", "DRAWN.PNG", "-q"}).code == 0);
  BOOST_TEST(fs::is_regular_file(scratch / "DRAWN.PNG"));
  BOOST_TEST(run(scratch.folder, {"predict", model(), "UP.JPG", "--draw", "out", "-q"}).code == 0);
  BOOST_TEST(fs::is_regular_file(scratch / "out/UP.JPG"));
  BOOST_TEST(!fs::exists(scratch / "out/UP.JPG.png"));
}

BOOST_AUTO_TEST_CASE(no_picture_is_drawn_over) {
  const Scratch scratch;
  const auto names = copies(scratch, 2);
  for (const char* folder : {"t/a", "t/b"}) fs::create_directories(scratch / folder);
  fs::rename(scratch / names[0], scratch / "t/a/x.png");
  fs::rename(scratch / names[1], scratch / "t/b/x.png");
  const std::string before = text_of(scratch / "t/b/x.png");
  const Outcome outcome =
      run(scratch.folder, {"predict", model(), "t/a/x.png", "t/b/x.png", "--draw", "t/b", "--json"});
  BOOST_TEST(outcome.code == 1);
  BOOST_TEST(outcome.out.empty());
  BOOST_TEST(has(outcome.err,
                 "The copy of 't/a/x.png' would be drawn over the picture 't/b/x.png'. Name another place with "
                 "--draw."));
  BOOST_TEST((text_of(scratch / "t/b/x.png") == before));
  BOOST_TEST(!fs::exists(scratch / "t/b/x-2.png"));
  // By another name of the file, too.
  fs::create_directories(scratch / "linked");
  fs::create_hard_link(scratch / "t/b/x.png", scratch / "linked/x.png");
  const Outcome linked = run(scratch.folder, {"predict", model(), "t/a/x.png", "t/b/x.png", "--draw", "linked"});
  BOOST_TEST(linked.code == 1);
  BOOST_TEST((text_of(scratch / "t/b/x.png") == before));
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_is_told_first) {
  const Scratch scratch;
  const auto names = copies(scratch, 1);
  scratch.write("notes.txt", "mine");
  for (const std::string& place : {std::string("notes.txt/out"), std::string("notes.txt")}) {
    const Outcome outcome = run(scratch.folder, {"predict", model(), names[0], "--draw", place});
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(outcome.out.empty());
    BOOST_TEST(has(outcome.err, "The folder '" + place +
                                    "' cannot be made: Not a directory. Name another place with "
                                    "--draw."));
  }
  fs::create_directories(scratch / "out" / names[0]);
  const Outcome taken = run(scratch.folder, {"predict", model(), names[0], "--draw", "out"});
  BOOST_TEST(taken.code == 1);
  BOOST_TEST(taken.out.empty());
  BOOST_TEST(has(taken.err, "'out/" + names[0] + "' is a folder, and a copy would be called so."));
}

BOOST_AUTO_TEST_CASE(without_a_detector_of_the_training_haar_stands_in) {
  const Scratch scratch;
  const auto names = copies(scratch, 1);
  // The demo's faces lie on a template, by landmarks that its table gives.
  TrainedModel::expect_done({"run", pipelines + "/faces/demo.yaml", "--set", "photographs=photographs", "--set",
                             "cache=known.h5", "--out", "known-faces", "--quiet"});
  TrainedModel::expect_done(train("baseline", {"--set", "cache=known.h5", "--out", "known", "--quiet"}));
  const std::string known = (small_faces() / "known").string();
  const Outcome outcome = run(scratch.folder, {"predict", known, names[0]});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(has(outcome.err,
                 "note: The training's faces were cut out by landmarks that the data set gives. Here a Haar cascade "
                 "looks for them, so they lie a little otherwise. A detector of landmarks is better: --detector "
                 "mtcnn:FOLDER or yunet:FILE.\n"));
  BOOST_TEST(run(scratch.folder, {"predict", known, names[0], "--detector", "haar"}).err.empty());
  BOOST_TEST(run(scratch.folder, {"predict", known, names[0], "--aligned"}).err.empty());
  // The run knows how its faces were made, when the cache is gone.
  fs::remove(small_faces() / "known.h5");
  BOOST_TEST(run(scratch.folder, {"predict", known, names[0], "-q"}).out == outcome.out);
}

BOOST_AUTO_TEST_CASE(checkpoints_are_named_as_for_evaluate) {
  const Scratch scratch;
  const std::string picture = photographs(1)[0].string();
  fs::copy(small_faces() / "run", scratch / "run", fs::copy_options::recursive);
  const auto predicted = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"predict", "run", picture, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(scratch.folder, words);
  };
  const std::string last = predicted({}).out;
  BOOST_TEST(!last.empty());
  for (const char* name : {"last", "000000002", "000000002.safetensors", "run/checkpoints/000000002.safetensors"})
    BOOST_TEST(predicted({"--checkpoint", name}).out == last, name);
  BOOST_TEST(has(predicted({"--checkpoint", "run"}).err, "has no checkpoint 'run'. Say last, best, or a file of "));
  // The run has ended, and has what it ended with a second time.
  std::string bytes = text_of(scratch / "run/checkpoints/000000002.safetensors");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  scratch.write("run/checkpoints/000000002.safetensors", bytes);
  const Outcome outcome = predicted({});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.out == last);
  BOOST_TEST(has(outcome.err, "What the run ended with is used, in 'run/checkpoints/last'."));
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused_with_the_remedy) {
  const Scratch scratch;
  const auto names = copies(scratch, 1);
  const auto refused = [&](std::vector<std::string> words, int code, const std::string& message) {
    words.insert(words.begin(), "predict");
    const Outcome outcome = run(scratch.folder, words);
    BOOST_TEST(outcome.code == code);
    BOOST_TEST(has(outcome.err, message), message + " is not in: " + outcome.err);
  };
  refused({"nowhere", names[0]}, 1,
          "'nowhere' is neither a run's folder (it has no pipeline.yaml) nor a model's (it has no model.json). Name a "
          "folder such as runs/demo/..., or what fergraph export has written.");
  refused({model()}, 2,
          "There is nothing to look at. Name pictures, folders or patterns, - for paths on standard input, "
          "--camera N or --video FILE.");
  refused({model(), "*.gif"}, 1, "warning: No file fits '*.gif'.");
  refused({model(), "*.gif"}, 1, "There are no pictures to look at. Name files, folders or patterns.");
  refused({model(), names[0], "--detector", "hog"}, 1,
          "There is no detector 'hog'. Say haar, mtcnn:FOLDER or yunet:FILE.");
  refused({model(), names[0], "--detector", "mtcnn"}, 1,
          "The detector 'mtcnn' needs the folder of its weights (pnet, rnet and onet): --detector mtcnn:FOLDER.");
  refused({model(), names[0], "--detector", "mtcnn:nowhere"}, 1,
          "(detect_mtcnn) cannot be prepared: The folder 'nowhere' has neither pnet.safetensors nor pnet.pt.");
  refused({model(), names[0], "--detector", "mtcnn:nowhere"}, 1,
          " Name a detector that is here: --detector mtcnn:FOLDER, --detector yunet:FILE or --detector haar.");
  refused({model(), names[0], "--faces", "foo"}, 2, "--faces: 'foo' is none of all, largest, central, best.");
  refused({model(), names[0], "--faces", "1"}, 2, "--faces: '1' is none of all, largest, central, best.");
  refused({model(), names[0], "--checkpoint", "best"}, 1,
          "' is a model and has no checkpoints: it was made of the checkpoint 'last' of a run of baseline, after 2 "
          "steps. Leave out --checkpoint, or name the folder of a run.");
  refused({model() + "/model.safetensors", names[0]}, 1,
          "/model.safetensors' is no folder of a model, but lies in one. Name '" + model() + "'.");
  const std::string trained = (small_faces() / "run").string();
  refused({trained + "/checkpoints/best.safetensors", names[0]}, 1,
          "/best.safetensors' is no folder of a run, but lies in one. Name '" + trained +
              "'; which of its checkpoints is said by --checkpoint.");
  refused({model(), names[0], "--draw", "drawn.pgm"}, 1,
          "'drawn.pgm' would hold greys alone, and faces are framed in colours. Give a name that ends in .jpg or "
          ".png.");
  refused({model(), names[0], "--draw", names[0]}, 1,
          "'" + names[0] + "' would be drawn over itself. Name another place with --draw.");
  refused({model(), names[0], "x.png", "--draw", "one.png"}, 1,
          "'one.png' has room for one picture, and there are 2. Name a folder with --draw.");
  refused({model(), names[0], "--json", "--csv"}, 2, "excludes");
  refused({(small_faces() / "run").string(), names[0], "--checkpoint", "first"}, 1,
          "has no checkpoint 'first'. Say last, best, or a file of ");
  refused({(small_faces() / "faces").string(), names[0]}, 1, ": it has none. Name a run of training.");
}

// In this process, and last: once it has threads, the program is executed anew for each call of it.
BOOST_AUTO_TEST_CASE(faces_are_those_of_the_cache_to_the_bit) {
  const FaceCache cache(small_faces() / "faces.h5");
  BOOST_REQUIRE_GT(cache.size(), 30);
  std::map<std::string, std::int64_t> face_of;
  for (std::int64_t i = 0; i < cache.size(); ++i) face_of[std::string(cache.id(i))] = i;
  const fs::path root = small_faces() / "photographs";
  const std::vector<fs::path> files = photographs(1000);
  for (const WantedFaces wanted : {WantedFaces::largest, WantedFaces::all}) {
    PredictorOptions options;
    options.faces.faces = wanted;
    Predictor predictor(model(), options);
    BOOST_TEST(predictor.notes().empty());
    std::size_t told = 0, faces = 0;
    predictor.predict(files, [&](PhotographPrediction&& each) {
      BOOST_TEST(each.index == static_cast<std::int64_t>(told++));
      const std::string id = fs::path(each.name).lexically_relative(root).string();
      BOOST_TEST(each.faces.empty() == !face_of.contains(id), id);
      if (each.faces.empty()) {
        BOOST_TEST(each.reason == "No face was found.");
        return;
      }
      ++faces;
      BOOST_TEST((wanted == WantedFaces::all || each.faces.size() == 1));
      const cv::Mat& pixels = each.faces.front().pixels;
      const auto kept = cache.read(face_of[id], {});
      BOOST_TEST(std::memcmp(pixels.ptr(), kept.data(), kept.size()) == 0, id);
      double sum = 0;
      for (const float each_class : each.faces.front().probabilities) sum += static_cast<double>(each_class);
      BOOST_TEST(std::abs(sum - 1) < 1e-5);
    });
    BOOST_TEST(told == files.size());
    BOOST_TEST(faces == face_of.size());
  }
}

BOOST_AUTO_TEST_CASE(pictures_in_memory_give_what_files_give) {
  Predictor predictor(small_faces() / "run");
  const std::vector<fs::path> files = photographs(4);
  std::vector<std::vector<float>> from_files;
  predictor.predict(files, [&](PhotographPrediction&& each) {
    BOOST_REQUIRE(!each.faces.empty());
    from_files.push_back(each.faces.front().probabilities);
  });
  for (std::size_t i = 0; i < files.size(); ++i) {
    cv::Mat picture = cv::imread(files[i].string());
    cv::Mat rgb(picture.size(), CV_8UC3);
    const int swapped[] = {0, 2, 1, 1, 2, 0};
    cv::mixChannels(&picture, 1, &rgb, 1, swapped, 3);
    const std::vector<FacePrediction> faces = predictor.predict(rgb);
    BOOST_REQUIRE(!faces.empty());
    for (std::size_t c = 0; c < from_files[i].size(); ++c)
      BOOST_TEST(std::abs(faces.front().probabilities[c] - from_files[i][c]) < 1e-5F);
  }
  BOOST_TEST(predictor.predict(cv::Mat(60, 80, CV_8UC3, cv::Scalar::all(128))).empty());
  BOOST_CHECK_THROW(predictor.predict(cv::Mat(60, 80, CV_8UC1)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(faces_that_are_cut_out_are_taken_whole) {
  const Scratch scratch;
  const FaceCache cache(small_faces() / "faces.h5");
  const auto kept = cache.read(0, {});
  scratch.write("face.ppm", "P6 48 48 255\n" + std::string(kept.begin(), kept.end()));
  PredictorOptions options;
  options.faces.aligned = true;
  Predictor aligned(model(), options);
  std::vector<FacePrediction> faces;
  aligned.predict(std::vector<fs::path>{scratch / "face.ppm"},
                  [&](PhotographPrediction&& each) { faces = std::move(each.faces); });
  BOOST_REQUIRE_EQUAL(faces.size(), 1U);
  BOOST_TEST(!faces[0].box.has_value());
  BOOST_TEST(std::memcmp(faces[0].pixels.ptr(), kept.data(), kept.size()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
