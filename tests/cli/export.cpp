// `fergraph export`: the folder of a model, and that it is used as the run is.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "cli/film.hpp"
#include "report/model/model.hpp"
#include "tests/cli/trained_model.hpp"

using namespace fergraph;
using namespace fergraph::test;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

fs::path model() { return small_faces() / "model"; }

bool python_has(const std::string& module) {
  return std::system(("python3 -c 'import " + module + "' > /dev/null 2>&1").c_str()) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(export_model, *boost::unit_test::fixture<TrainedModel>())

BOOST_AUTO_TEST_CASE(the_card_tells_what_the_model_is) {
  const Json card = Json::parse(text_of(model() / "model.json"));
  BOOST_TEST(card["format"] == "fergraph model");
  BOOST_TEST(card["format_version"] == model_format_version);
  BOOST_TEST(card["pipeline"] == "baseline");
  BOOST_TEST(card["class_names"].size() == 7U);
  BOOST_TEST(card["networks"].size() == 1U);
  const Json& network = card["networks"][0];
  BOOST_TEST(network["backbone"] == "tinynet");
  BOOST_TEST(network["mean"] == Json({0.485, 0.456, 0.406}));
  BOOST_TEST(network["channels"] == "RGB");
  BOOST_TEST(!network.contains("weights"));
  BOOST_TEST(card["input"]["width"] == 48);
  BOOST_TEST(card["preprocessing"]["fingerprint"].get<std::string>().size() == 32U);
  BOOST_TEST(has(card["preprocessing"]["pipeline"], "detect_haar"));
  BOOST_TEST(card["accuracy"]["last"] == card["accuracy"]["of_this_checkpoint"]);
  BOOST_TEST(card["accuracy"].contains("mean_of_last_five"));
  BOOST_TEST(card["checkpoint"]["iteration"] == 2);
  BOOST_TEST(card["seed"] == 1);
  BOOST_TEST(card["training"]["versions"].contains("libtorch"));
  // Its own names, so that other programs read them, and pipelines as `weights:`.
  const Outcome shown = run(small_faces(), {"weights", "show", "model/model.safetensors"});
  BOOST_TEST(has(shown.out, "fc.weight"));
}

BOOST_AUTO_TEST_CASE(run_and_model_predict_alike) {
  const std::string picture = photographs(1)[0].string();
  const Outcome of_run = run(small_faces(), {"predict", "run", picture, "--json"});
  BOOST_TEST(of_run.code == 0);
  BOOST_TEST(run(small_faces(), {"predict", "model", picture, "--json"}).out == of_run.out);
  BOOST_TEST(run(small_faces(), {"predict", "model/model.json", picture, "--json"}).out == of_run.out);
  BOOST_TEST(run(small_faces(), {"predict", "run", picture, "--json", "--checkpoint", "best"}).out == of_run.out);
  // Exported again, from the model.
  BOOST_TEST(run(small_faces(), {"export", "model", "-o", "again"}).code == 0);
  BOOST_TEST((text_of(small_faces() / "again/model.safetensors") == text_of(model() / "model.safetensors")));
  BOOST_TEST(text_of(small_faces() / "again/model.json") == text_of(model() / "model.json"));
}

BOOST_AUTO_TEST_CASE(several_networks_are_averaged) {
  const Outcome trained = run(small_faces(), train("asm", {"--out", "two", "--quiet"}));
  BOOST_REQUIRE_EQUAL(trained.code, 0);
  const Outcome outcome = run(small_faces(), {"export", "two", "-o", "two-model"});
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST(outcome.err.empty());
  const Json card = Json::parse(text_of(small_faces() / "two-model/model.json"));
  BOOST_TEST(card["networks"].size() == 2U);
  BOOST_TEST(card["averaged"] == "probabilities");
  const std::string picture = photographs(1)[0].string();
  BOOST_TEST(run(small_faces(), {"predict", "two-model", picture}).out ==
             run(small_faces(), {"predict", "two", picture}).out);
}

BOOST_AUTO_TEST_CASE(formulas_of_a_network_become_numbers) {
  const Outcome trained =
      run(small_faces(), train("baseline", {"--set", "state.net.dropout=classes/100", "--out", "formula", "--quiet"}));
  BOOST_REQUIRE_EQUAL(trained.code, 0);
  BOOST_TEST(run(small_faces(), {"export", "formula", "-o", "formula-model"}).code == 0);
  const Json card = Json::parse(text_of(small_faces() / "formula-model/model.json"));
  BOOST_TEST(card["networks"][0]["dropout"] == 0.07);
  BOOST_TEST(card["networks"][0]["classes"] == 7);
  const std::string picture = photographs(1)[0].string();
  const Outcome of_run = run(small_faces(), {"predict", "formula", picture});
  BOOST_TEST(of_run.code == 0);
  BOOST_TEST(run(small_faces(), {"predict", "formula-model", picture}).out == of_run.out);
}

BOOST_AUTO_TEST_CASE(python_loads_the_script) {
  if (!python_has("torch")) {
    BOOST_TEST_MESSAGE("skipped: there is no PyTorch for python3 (Debian: python3-torch)");
    return;
  }
  const Scratch scratch;
  scratch.write("compare.py", R"(
import json, subprocess, sys
import torch

program, model, picture = sys.argv[1:]
# What the program says of a face that is cut out, and what the script says of the same pixels.
data = open(picture, "rb").read()
pixels = torch.tensor(list(data[-48 * 48 * 3:]), dtype=torch.uint8).reshape(1, 48, 48, 3)
told = json.loads(subprocess.run([program, "predict", model, picture, "--aligned", "--json"], capture_output=True, check=True).stdout)
names = json.load(open(model + "/model.json"))["class_names"]
ours = torch.tensor([told["faces"][0]["probabilities"][name] for name in names])
script = torch.jit.load(model + "/model.pt").eval()
theirs = script(pixels)[0].softmax(0)
difference = (ours - theirs).abs().max().item()
assert difference < 1e-5, difference
assert torch.allclose(script(pixels.repeat(5, 1, 1, 1)).softmax(1)[4], theirs, atol=1e-5)
assert "conv1.weight" in script.state_dict() or len(script.state_dict()) > 10, list(script.state_dict())
)");
  std::string pixels;
  for (int i = 0; i < 48 * 48 * 3; ++i) pixels += static_cast<char>(i * 31 % 251);
  scratch.write("face.ppm", "P6 48 48 255\n" + pixels);
  for (const std::string& each : {model().string(), (small_faces() / "two-model").string()}) {
    const std::string command = "python3 '" + (scratch / "compare.py").string() + "' '" FERGRAPH_PROGRAM "' '" + each +
                                "' '" + (scratch / "face.ppm").string() + "'";
    BOOST_TEST(std::system(command.c_str()) == 0, each);
  }
}

BOOST_AUTO_TEST_CASE(the_example_embeds_the_predictor) {
  const Scratch scratch;
  const std::string picture = photographs(1)[0].string();
  const std::string command = "'" FERGRAPH_EMBEDDED "' '" + model().string() + "' '" + picture + "' > '" +
                              (scratch / "told.txt").string() + "'";
  BOOST_TEST(std::system(command.c_str()) == 0);
  const Outcome ours = run(scratch.folder, {"predict", model().string(), picture, "--csv"});
  const std::string told = text_of(scratch / "told.txt");
  BOOST_TEST(told.starts_with(picture + ": "));
  const std::string row = lines_of(ours.out).at(1);
  const std::string expression = told.substr(picture.size() + 2, told.find(',') - picture.size() - 2);
  BOOST_TEST(has(row, "," + expression + ","));
}

BOOST_AUTO_TEST_CASE(films_are_looked_at_frame_by_frame) {
  const Scratch scratch;
  const cv::Mat frame = cv::imread(photographs(1)[0].string());
  try {
    FilmWriter film(scratch / "film.avi", 10);
    for (int i = 0; i < 5; ++i) film.add(frame);
  } catch (const RunError& error) {
    BOOST_TEST_MESSAGE("skipped: " << error.what());
    const Outcome refused = run(scratch.folder, {"predict", model().string(), "--video", "film.avi"});
    BOOST_TEST(refused.code == 1);
    BOOST_TEST(has(refused.err, "libopencv-videoio-dev"));
    return;
  }
  const Outcome outcome =
      run(scratch.folder, {"predict", model().string(), "--video", "film.avi", "--json", "--draw", "drawn.avi"});
  BOOST_TEST(outcome.code == 0);
  const std::vector<std::string> lines = lines_of(outcome.out);
  BOOST_REQUIRE_EQUAL(lines.size(), 5U);
  BOOST_TEST(Json::parse(lines[4])["frame"] == 4);
  BOOST_TEST(Json::parse(lines[4])["seconds"] == 0.4);
  FilmReader drawn(scratch / "drawn.avi");
  int frames = 0;
  while (drawn.next()) ++frames;
  BOOST_TEST(frames == 5);
  BOOST_TEST(
      lines_of(run(scratch.folder, {"predict", model().string(), "--video", "film.avi", "--frames", "2", "--json"}).out)
          .size() == 2U);
  const std::string whole = text_of(scratch / "film.avi");
  const auto refused = [&](const std::string& place, const std::string& message) {
    const Outcome told =
        run(scratch.folder, {"predict", model().string(), "--video", "film.avi", "--draw", place, "--json"});
    BOOST_TEST(told.code == 1);
    BOOST_TEST(told.out.empty());
    BOOST_TEST(has(told.err, message));
    BOOST_TEST((text_of(scratch / "film.avi") == whole));
  };
  refused("film.avi", "The film 'film.avi' would be drawn over itself. Name another place with --draw.");
  fs::create_symlink("film.avi", scratch / "link.avi");
  refused("link.avi", "The film 'film.avi' would be drawn over itself. Name another place with --draw.");
  refused("one.jpg", "'one.jpg' is no name of a film. Give one that ends in .avi, .mp4, .m4v, .mov or .mkv.");
  refused("film.avi/drawn.avi",
          "The folder 'film.avi' cannot be made: Not a directory. Name another place with --draw.");
  const Outcome nothing = run(scratch.folder, {"predict", model().string(), "--video", "no.avi"});
  BOOST_TEST(nothing.code == 1);
  BOOST_TEST(has(nothing.err, "There is no film 'no.avi'. Check the path."));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_exported_is_told) {
  const Scratch scratch;
  scratch.write("taken/notes.txt", "mine");
  const auto refused = [&](std::vector<std::string> words, const std::string& message) {
    words.insert(words.begin(), "export");
    const Outcome outcome = run(scratch.folder, words);
    BOOST_TEST(outcome.code == 1);
    BOOST_TEST(has(outcome.err, message));
  };
  const std::string trained = (small_faces() / "run").string();
  refused({trained, "-o", "taken"},
          "The folder 'taken' holds something that is no model. Name another with -o, or empty it.");
  refused({trained, "-o", "taken/notes.txt"}, "'taken/notes.txt' is a file. Name a folder for the model with -o.");
  refused({"taken", "-o", "new"}, "'taken' is neither a run's folder");
  fs::copy(model(), scratch / "model");
  scratch.write("model/model.json", "{\"format\": \"fergraph model\", \"format_version\": 9}");
  refused({"model", "-o", "new"},
          "Cannot use 'model/model.json': it is of format 9, and this program reads format 1. "
          "Export the run again with this fergraph.");
  scratch.write("model/model.json", "{");
  refused({"model", "-o", "new"}, "Cannot use 'model/model.json': ");
  refused({model().string(), "-o", "new", "--checkpoint", "best"},
          "' is a model and has no checkpoints: it was made of the checkpoint 'last' of a run of baseline, after 2 "
          "steps. Leave out --checkpoint, or name the folder of a run.");
  refused({trained + "/checkpoints", "-o", "new"},
          "/checkpoints' is no folder of a run, but lies in one. Name '" + trained + "'");

  Json card = Json::parse(text_of(model() / "model.json"));
  card["class_names"] = Json::array({"bad", "good"});
  scratch.write("model/model.json", card.dump());
  const std::string classes =
      "Cannot use 'model/model.json': its class_names are 2, but its network 'net' has 7 classes. Name each class "
      "once, in the networks' order, or export the run again.";
  refused({"model", "-o", "new"}, classes);
  const Outcome predicted = run(scratch.folder, {"predict", "model", photographs(1)[0].string()});
  BOOST_TEST(predicted.code == 1);
  BOOST_TEST(has(predicted.err, classes));
  // What cannot be made leaves nothing.
  card["networks"][0]["classes"] = 2;
  scratch.write("model/model.json", card.dump());
  refused({"model", "-o", "new"}, "The model's weights are not those of its card: ");
  BOOST_TEST(!fs::exists(scratch / "new"));
}

BOOST_AUTO_TEST_SUITE_END()
