#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <future>
#include <iostream>
#include <limits>
#include <map>
#include <set>
#include <thread>

#include "cli/commands.hpp"
#include "cli/film.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "cli/picture_list.hpp"
#include "cli/prediction_output.hpp"
#include "nodes/face/decode.hpp"
#include "report/model/prediction_picture.hpp"
#include "report/progress.hpp"

namespace fergraph {
namespace {

namespace fs = std::filesystem;

struct PredictCommand {
  fs::path model;
  std::vector<std::string> pictures;
  fs::path draw;
  bool json = false;
  bool csv = false;
  std::size_t top = 3;
  std::string faces = "all";
  std::optional<int> camera;
  fs::path film;
  std::int64_t frames = 0;  // at most; 0: all
  PredictorOptions options;
  bool quiet = false;

  PredictionFormat format() const {
    return json ? PredictionFormat::json : csv ? PredictionFormat::csv : PredictionFormat::columns;
  }
};

// What became of all photographs, for the last line and the exit code.
struct Tally {
  std::int64_t photographs = 0, with_faces = 0, faces = 0, faceless = 0, damaged = 0;

  void add(const PhotographPrediction& each) {
    ++photographs;
    faces += static_cast<std::int64_t>(each.faces.size());
    ++(!each.faces.empty() ? with_faces : each.is_damaged ? damaged : faceless);
  }
  std::string text(const std::string& one, const std::string& many) const {
    std::string text =
        counted(photographs, one, many) + ": " + counted(faces, "face", "faces") + " in " + std::to_string(with_faces);
    if (faceless > 0) text += ", none found in " + std::to_string(faceless);
    if (damaged > 0) text += ", " + std::to_string(damaged) + " could not be read";
    return text + ".";
  }

 private:
  static std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
  }
};

constexpr std::array<std::pair<const char*, WantedFaces>, 4> faces_by_word = {{{"all", WantedFaces::all},
                                                                               {"largest", WantedFaces::largest},
                                                                               {"central", WantedFaces::central},
                                                                               {"best", WantedFaces::best}}};

std::optional<WantedFaces> faces_of(const std::string& text) {
  for (const auto& [word, faces] : faces_by_word)
    if (text == word) return faces;
  return std::nullopt;
}

std::string wrong_faces(const std::string& text) {
  return faces_of(text) ? std::string() : "'" + text + "' is none of all, largest, central, best.";
}

// Portable greymaps hold no colours, which is what frames and tags are drawn in.
bool can_be_drawn(const fs::path& file) { return is_picture_name(file) && ending_of(file) != ".pgm"; }

// The same for all names of a file: other paths to it, links.
using FileId = std::pair<dev_t, ino_t>;
std::optional<FileId> id_of(const fs::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  return FileId(found.st_dev, found.st_ino);
}

void refuse_places_of_pictures(const std::vector<fs::path>& places, const std::vector<ListedPicture>& pictures) {
  std::map<FileId, const fs::path*> originals;
  for (const ListedPicture& each : pictures)
    if (const auto id = id_of(each.file)) originals.emplace(*id, &each.file);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto id = id_of(places[i]);
    const auto found = id ? originals.find(*id) : originals.end();
    if (found == originals.end()) continue;
    const std::string place = "'" + places[i].string() + "'";
    if (id == id_of(pictures[i].file))
      throw RunError(place + " would be drawn over itself. Name another place with --draw.");
    throw RunError("The copy of '" + pictures[i].file.string() + "' would be drawn over the picture '" +
                   found->second->string() + "'. Name another place with --draw.");
  }
}

// Makes the folders that copies go into. Before anything is looked at, which may take hours.
void make_room(const std::vector<fs::path>& places) {
  std::set<fs::path> folders;
  std::error_code error;
  for (const fs::path& place : places) {
    if (fs::is_directory(place, error))
      throw RunError("'" + place.string() +
                     "' is a folder, and a copy would be called so. Name another place with --draw.");
    folders.insert(place.has_parent_path() ? place.parent_path() : ".");
  }
  for (const fs::path& folder : folders) {
    std::error_code failure;
    if (!fs::is_directory(folder, error)) fs::create_directories(folder, failure);
    if (failure)
      throw RunError("The folder '" + folder.string() + "' cannot be made: " + failure.message() +
                     ". Name another place with --draw.");
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
      throw RunError("Nothing can be written into the folder '" + folder.string() +
                     "'. Change its permissions, or name another place with --draw.");
  }
}

// Where the copy of each picture goes; the folders are made. Throws RunError where one would take the place of a
// picture, or cannot be there.
std::vector<fs::path> places_of_copies(const fs::path& out, const std::vector<ListedPicture>& pictures) {
  std::error_code error;
  const bool is_folder = fs::is_directory(out, error);
  std::vector<fs::path> places;
  if (!is_folder && is_picture_name(out)) {
    if (!can_be_drawn(out))
      throw RunError("'" + out.string() +
                     "' would hold greys alone, and faces are framed in colours. Give a name that ends in .jpg or "
                     ".png.");
    if (pictures.size() > 1)
      throw RunError("'" + out.string() + "' has room for one picture, and there are " +
                     std::to_string(pictures.size()) + ". Name a folder with --draw.");
    places.push_back(out);
  } else {
    std::set<fs::path> taken;
    for (const ListedPicture& each : pictures) {
      fs::path place = out / each.below;
      if (!can_be_drawn(place)) place += ".png";  // a format that can be written
      for (int i = 2; !taken.insert(place).second; ++i) {
        fs::path name = each.below.stem();
        name += "-";
        name += std::to_string(i);
        name += place.extension();
        place = out / each.below.parent_path() / name;
      }
      places.push_back(std::move(place));
    }
  }
  refuse_places_of_pictures(places, pictures);
  make_room(places);
  return places;
}

// Copies are drawn beside each other: reading and writing a photograph takes longer than looking for its faces.
class Copies {
 public:
  Copies(std::vector<fs::path> places, const Predictor& predictor, int threads)
      : places_(std::move(places)),
        predictor_(predictor),
        most_(static_cast<std::size_t>(threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))) {}

  void draw(const PhotographPrediction& photograph) {
    if (places_.empty() || photograph.is_damaged) return;
    if (at_work_.size() >= most_) finish_one();
    at_work_.push_back(std::async(std::launch::async, [this, photograph] {
      // It was looked at, within the limits that hold for that.
      Decoded decoded = decode_file(
          photograph.name, {std::numeric_limits<std::uintmax_t>::max(), std::numeric_limits<std::int64_t>::max()});
      if (!decoded) throw RunError(photograph.name + ": " + decoded.reason);
      draw_predictions(decoded.pixels, photograph.faces, predictor_.class_names());
      const fs::path& place = places_[static_cast<std::size_t>(photograph.index)];
      write_picture(place, decoded.pixels);
    }));
  }
  void finish() {
    while (!at_work_.empty()) finish_one();
  }

 private:
  void finish_one() {
    std::future<void> first = std::move(at_work_.front());
    at_work_.pop_front();
    first.get();
  }

  std::vector<fs::path> places_;
  const Predictor& predictor_;
  std::size_t most_;
  std::deque<std::future<void>> at_work_;
};

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int predict_pictures(const PredictCommand& command, Predictor& predictor) {
  const PictureList list = list_pictures(command.pictures, std::cin);
  Progress progress(command.quiet);
  for (const std::string& warning : list.warnings) progress.warning(warning);
  if (list.pictures.empty()) throw RunError("There are no pictures to look at. Name files, folders or patterns.");
  Copies copies(command.draw.empty() ? std::vector<fs::path>() : places_of_copies(command.draw, list.pictures),
                predictor, command.options.threads);
  const PredictionText text(command.format(), predictor.class_names(), command.top);
  print(text.heading());
  std::vector<fs::path> files;
  for (const ListedPicture& each : list.pictures) files.push_back(each.file);
  Tally tally;
  progress.restart();
  const auto all = static_cast<std::int64_t>(files.size());
  predictor.predict(files, [&](PhotographPrediction&& each) {
    tally.add(each);
    progress.clear();
    if (each.is_damaged) progress.warning(each.name + ": " + each.reason);
    // People have read the warning.
    if (!each.is_damaged || command.format() != PredictionFormat::columns) print(text.of(each));
    copies.draw(each);
    progress.update("predict", tally.photographs, all, "pictures",
                    tally.damaged > 0 ? std::to_string(tally.damaged) + " damaged" : std::string());
  });
  copies.finish();
  if (all > 1) progress.line(tally.text("picture", "pictures"));
  return tally.damaged > 0 || !list.warnings.empty() ? 1 : 0;
}

// Frames are looked at some at a time, while the next ones are read.
int predict_film(const PredictCommand& command, Predictor& predictor, const std::stop_token& stop) {
  FilmReader film = command.camera ? FilmReader(*command.camera) : FilmReader(command.film);
  const double rate = film.frames_per_second();
  const std::size_t together = command.camera ? 1 : 32;  // a camera is to be answered at once
  std::optional<FilmWriter> copy;
  if (!command.draw.empty()) {
    copy.emplace(command.draw, rate);
    if (std::error_code error; fs::equivalent(command.draw, command.film, error))
      throw RunError("The film '" + command.film.string() +
                     "' would be drawn over itself. Name another place with --draw.");
    make_room({command.draw});
  }
  const PredictionText text(command.format(), predictor.class_names(), command.top);
  print(text.heading());
  Progress progress(command.quiet);
  progress.restart();
  Tally tally;
  std::int64_t left = command.frames > 0 ? command.frames : std::numeric_limits<std::int64_t>::max();
  const auto read = [&film, together](std::int64_t most) {
    std::vector<cv::Mat> frames;
    while (frames.size() < together && static_cast<std::int64_t>(frames.size()) < most) {
      std::optional<cv::Mat> next = film.next();
      if (!next) break;
      frames.push_back(std::move(*next));
    }
    return frames;
  };
  std::vector<cv::Mat> frames = read(left);
  if (frames.empty()) throw RunError("The film gives no frame. Check that it is whole.");
  while (!frames.empty() && !stop.stop_requested()) {
    left -= static_cast<std::int64_t>(frames.size());
    auto next = std::async(std::launch::async, read, left);
    predictor.predict(frames, [&](PhotographPrediction&& each) {
      const FramePlace place{tally.photographs, static_cast<double>(tally.photographs) / rate};
      tally.add(each);
      progress.clear();
      print(text.of(each, place));
      if (copy) {
        cv::Mat& frame = frames[static_cast<std::size_t>(each.index)];
        draw_predictions(frame, each.faces, predictor.class_names());
        copy->add(frame);
      }
      progress.update("predict", tally.photographs, std::max(film.size(), tally.photographs), "frames", "");
    });
    std::fflush(stdout);
    frames = next.get();
  }
  progress.line(tally.text("frame", "frames"));
  // A camera has no end but being stopped.
  return stop.stop_requested() && !command.camera ? throw Cancelled() : 0;
}

int predict(PredictCommand command, const Registry& registry, const std::stop_token& stop) {
  command.options.stop = stop;
  command.options.faces.faces = faces_of(command.faces).value_or(WantedFaces::all);
  Predictor predictor(open_model(command.model, command.options.checkpoint, registry), command.options, registry);
  if (!command.quiet)
    for (const std::string& note : predictor.notes()) std::fprintf(stderr, "note: %s\n", note.c_str());
  if (command.camera || !command.film.empty()) return predict_film(command, predictor, stop);
  return predict_pictures(command, predictor);
}

}  // namespace

void add_predict_command(CLI::App& app, Actions& actions) {
  auto command = std::make_shared<PredictCommand>();
  CLI::App* predict_app = app.add_subcommand("predict", "Find faces in photographs and name their expressions");
  predict_app->add_option("model", command->model, "The folder of a run, or of a model that `fergraph export` made")
      ->required();
  CLI::Option* pictures = predict_app->add_option(
      "pictures", command->pictures,
      "Photographs: files, folders (searched at any depth), patterns; - reads paths from standard input, one a line");
  predict_app
      ->add_option("--draw", command->draw,
                   "Draw faces and expressions on copies: a folder, or a file for one picture or a film")
      ->type_name("OUT");
  CLI::Option* json = predict_app->add_flag("--json", command->json, "One JSON object a line for each photograph");
  predict_app->add_flag("--csv", command->csv, "A CSV with one row for each face")->excludes(json);
  predict_app->add_option("--top", command->top, "How many expressions are named of each face, the best first")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  predict_app->add_option("--faces", command->faces, "Of several faces: all, largest, central or best (the surest)")
      ->check(wrong_faces)
      ->type_name("WHICH")
      ->capture_default_str();
  CLI::Option* detector =
      predict_app
          ->add_option("--detector", command->options.faces.detector,
                       "What finds faces: haar, mtcnn:FOLDER (of weights) or yunet:FILE; else what found those of the "
                       "training, or haar where the data set gave them")
          ->type_name("WHAT");
  predict_app->add_flag("--aligned", command->options.faces.aligned, "The pictures are faces that are cut out already")
      ->excludes(detector);
  predict_app
      ->add_option("--max-pixels", command->options.faces.max_pixels,
                   "Larger pictures are not looked at; else as in the training, most often 100000000")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  CLI::Option* camera = predict_app->add_option("--camera", command->camera, "Look at a camera's frames, by its number")
                            ->type_name("N")
                            ->check(CLI::Range(0, 1000))
                            ->excludes(pictures);
  CLI::Option* film = predict_app->add_option("--video", command->film, "Look at the frames of a film")
                          ->type_name("FILE")
                          ->excludes(pictures)
                          ->excludes(camera);
  predict_app->add_option("--frames", command->frames, "Of a camera or film: end after so many")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  predict_app->add_option("--checkpoint", command->options.checkpoint, "Of a run: last, best, or a file")
      ->type_name("WHICH")
      ->default_str("last");
  add_device_option(*predict_app, command->options.device);
  add_threads_option(*predict_app, command->options.threads);
  add_quiet_option(*predict_app, command->quiet);
  add_manual(
      *predict_app,
      {.about =
           "Finds the faces of pictures and tells their expressions. Faces are cut out by the nodes and parameters "
           "that made the training's cache, so that the networks see what they know.",
       .writes =
           "A line for each face with the likeliest expressions; with --csv or --json a table of all; with --draw "
           "copies of the pictures with boxes and labels.",
       .codes = {{0, "all pictures were looked at, faces found or not"},
                 {1, "some could not be read, or a folder or pattern named none; the others were looked at"},
                 {130, "interrupted"}},
       .examples = {"fergraph predict runs/demo/20260101-120000-0123456789 photographs/ --draw drawn",
                    "fergraph predict model party.jpg --draw party-faces.jpg --faces all --top 7",
                    "find . -name '*.jpg' | fergraph predict model - --csv > expressions.csv",
                    "fergraph predict model --video film.mp4 --draw film-faces.avi --json > film.jsonl"}});
  actions.on(predict_app, [command, pictures, camera, film](Surroundings& around) {
    if (pictures->count() + camera->count() + film->count() == 0) {
      std::fprintf(stderr,
                   "There is nothing to look at. Name pictures, folders or patterns, - for paths on standard "
                   "input, --camera N or --video FILE.\n");
      return 2;
    }
    return predict(*command, around.registry(), around.stop());
  });
}

}  // namespace fergraph
