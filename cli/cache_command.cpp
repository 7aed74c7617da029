// `fergraph cache`: what is in a face cache, whether it is whole, and what its faces look like.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <set>

#include "cache/reader.hpp"
#include "cache/survey.hpp"
#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "cli/options.hpp"
#include "graph/feed.hpp"
#include "report/cache_summary.hpp"
#include "report/contact_sheet.hpp"
#include "report/progress.hpp"

namespace fergraph {
namespace {

struct VerifyCommand {
  std::filesystem::path file;
  bool quiet = false;
};

struct PreviewCommand {
  std::filesystem::path file;
  std::filesystem::path out = "sheet.png";
  std::int64_t faces = 64;
  std::uint64_t seed = 1;
  std::string split;     // all where empty, as are classes
  std::string of_class;  // a class's name
};

const std::string renew =
    "run the preprocessing file again (fergraph run FILE, with the settings it was run with), which makes only what is "
    "missing.";

// The damaged faces of a file, in their order.
std::vector<std::int64_t> damaged_in(const FaceCacheFile& file, const std::stop_token& stop,
                                     const std::function<void()>& looked_at_one) {
  std::vector<std::int64_t> damaged;
  std::mutex adding;
  tbb::parallel_for(std::int64_t{0}, file.size(), [&](std::int64_t face) {
    if (stop.stop_requested()) return;
    if (!file.is_intact(face)) {
      const std::lock_guard lock(adding);
      damaged.push_back(face);
    }
    looked_at_one();
  });
  if (stop.stop_requested()) throw Cancelled();
  std::sort(damaged.begin(), damaged.end());
  return damaged;
}

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::vector<std::string> splits_of(const FaceCache& cache) {
  std::set<std::string> splits;
  for (std::int64_t i = 0; i < cache.size(); ++i) splits.emplace(cache.split(i));
  return {splits.begin(), splits.end()};
}

// The faces that are asked for, by their places in the cache.
std::vector<std::int64_t> asked_for(const FaceCache& cache, const PreviewCommand& command) {
  const std::string named = "The face cache '" + cache.path().string() + "' has no ";
  std::vector<std::string> names = cache.provenance().class_names;
  names.emplace_back("unknown");
  if (!command.of_class.empty() && std::find(names.begin(), names.end(), command.of_class) == names.end())
    throw CacheError(named + "class '" + command.of_class + "'. It has " + listed(names) + "." +
                     did_you_mean(command.of_class, names));
  if (const auto splits = splits_of(cache);
      !command.split.empty() && std::find(splits.begin(), splits.end(), command.split) == splits.end())
    throw CacheError(named + "faces of the split '" + command.split + "'. It has " + listed(splits) + "." +
                     did_you_mean(command.split, splits));
  std::vector<std::int64_t> faces;
  for (std::int64_t i = 0; i < cache.size(); ++i)
    if ((command.split.empty() || cache.split(i) == command.split) &&
        (command.of_class.empty() || class_name(cache.provenance(), cache.label(i)) == command.of_class))
      faces.push_back(i);
  if (faces.empty()) throw CacheError(named + "faces to show: choose another split or class.");
  return faces;
}

SheetFace sheet_face(const FaceCache& cache, std::int64_t face) {
  std::vector<std::uint8_t> buffer(cache.buffer_size());
  const auto pixels = cache.read(face, buffer);
  // OpenCV has no read-only pictures; the copy is what is kept.
  const cv::Mat view(cache.shape().height, cache.shape().width, CV_8UC3, const_cast<std::uint8_t*>(pixels.data()));
  return {view.clone(), cache.label(face), class_name(cache.provenance(), cache.label(face)),
          std::string(cache.id(face)), std::string(cache.split(face))};
}

int tell_info(const std::filesystem::path& file) {
  const CacheSurvey cache = survey_cache(file);
  std::printf("%s", text_of(cache).c_str());
  return cache.unreadable.empty() ? 0 : 1;
}

int verify(const VerifyCommand& command, const std::stop_token& stop) {
  const CacheSurvey cache = survey_cache(command.file);
  const std::int64_t all = cache.faces();
  std::optional<Progress> progress(command.quiet);
  progress->restart();
  std::mutex telling;
  std::atomic<std::int64_t> done{0};
  const auto looked_at_one = [&] {
    const std::int64_t now = ++done;
    // Whoever finds another at it leaves the telling to that one.
    if (const std::unique_lock lock(telling, std::try_to_lock); lock.owns_lock())
      progress->update("verify", now, all, "faces", "");
  };
  std::int64_t damaged_faces = 0;
  std::vector<std::string> stale;  // files to be made again
  std::string found_damage;
  for (const auto& file : cache.files) {
    const std::vector<std::int64_t> damaged = damaged_in(*file, stop, looked_at_one);
    damaged_faces += static_cast<std::int64_t>(damaged.size());
    const std::string shard = cache.is_folder ? file->path().filename().string() + ", " : "";
    for (const std::int64_t face : damaged)
      found_damage += "damaged: " + shard + "face " + std::to_string(face) + ", " + std::string(file->id(face)) + "\n";
    if (!damaged.empty()) stale.push_back(file->path().string());
  }
  // What follows stands on lines of its own.
  progress.reset();
  std::printf("%s", found_damage.c_str());
  for (const auto& each : cache.unreadable) {
    std::printf("unreadable: %s\n", each.reason.c_str());
    stale.push_back(each.file.string());
  }
  for (const auto& each : cache.unlike)
    std::printf("other settings: %s %s\n", each.file.filename().string().c_str(), each.reason.c_str());
  for (const std::filesystem::path& each : cache.missing)
    std::printf("missing: %s\n", each.filename().string().c_str());
  if (damaged_faces == 0 && cache.is_whole()) {
    std::printf("All %lld faces are whole.\n", static_cast<long long>(all));
    return 0;
  }
  std::string found = damaged_faces > 0
                          ? counted(damaged_faces, "face is", "faces are") + " damaged of " + std::to_string(all) + "."
                          : "All " + std::to_string(all) + " faces that are there are whole.";
  if (!cache.missing.empty())
    found += " " + counted(static_cast<std::int64_t>(cache.missing.size()), "shard is", "shards are") + " missing of " +
             std::to_string(cache.shards) + ".";
  const std::string remove = stale.empty() ? std::string("To mend it, ") : "Remove " + listed(stale) + " and ";
  std::printf("%s %s%s\n", found.c_str(), remove.c_str(), renew.c_str());
  return 1;
}

int preview(const PreviewCommand& command) {
  const FaceCache cache(command.file);
  const std::vector<std::int64_t> faces = asked_for(cache, command);
  std::vector<std::int64_t> labels;
  for (const std::int64_t face : faces) labels.push_back(cache.label(face));
  std::vector<SheetFace> shown;
  for (const std::int64_t place : choose_over_classes(labels, command.faces, command.seed))
    shown.push_back(sheet_face(cache, faces[static_cast<std::size_t>(place)]));

  const std::string size = std::to_string(cache.shape().width) + "x" + std::to_string(cache.shape().height);
  std::string choice = std::to_string(shown.size()) + " shown";
  if (!command.split.empty()) choice += " of the split " + command.split;
  if (!command.of_class.empty()) choice += " of the class " + command.of_class;
  const std::vector<std::string> lines = {
      std::to_string(cache.size()) + " faces of " + size + ", " +
          counted(static_cast<std::int64_t>(cache.voids().size()), "void", "voids") + ", " + cache.encoding().text(),
      choice + ", drawn over the classes with the seed " + std::to_string(command.seed)};
  cv::Mat page;
  cv::cvtColor(draw_contact_sheet(shown, command.file.filename().string(), lines), page, cv::COLOR_RGB2BGR);
  if (command.out.extension() != ".png")
    throw std::runtime_error("'" + command.out.string() + "' is no PNG file: give a name that ends in .png.");
  bool written = false;
  try {
    written = cv::imwrite(command.out.string(), page);
  } catch (const cv::Exception&) {
    // Told below.
  }
  if (!written)
    throw std::runtime_error("'" + command.out.string() +
                             "' could not be written. Check the folder and the free space.");
  std::printf("%zu faces are on %s\n", shown.size(), command.out.string().c_str());
  return 0;
}

}  // namespace

void add_cache_command(CLI::App& app, Actions& actions) {
  auto shown = std::make_shared<PreviewCommand>();
  auto verified = std::make_shared<VerifyCommand>();
  CLI::App* command = app.add_subcommand("cache", "Look into a face cache: what is in it, is it whole, its faces");
  command->require_subcommand(1);
  CLI::App* info_app = command->add_subcommand("info", "What is in it, and what it was made with");
  CLI::App* verify_app = command->add_subcommand("verify", "Read every face and name those that are damaged");
  add_quiet_option(*verify_app, verified->quiet);
  CLI::App* preview_app = command->add_subcommand("preview", "Draw a sheet of its faces, with their labels");
  for (CLI::App* each : {info_app, verify_app, preview_app})
    each->add_option("file", shown->file, "The cache: a file (.h5), or a folder of shards")->required();
  preview_app->add_option("--out,-o", shown->out, "The sheet, a PNG file")->type_name("FILE")->capture_default_str();
  preview_app->add_option("--faces", shown->faces, "How many, as evenly over the classes as possible")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  add_seed_option(*preview_app, shown->seed, "Seed of the choice");
  preview_app->add_option("--split", shown->split, "Only faces of this split");
  preview_app->add_option("--class", shown->of_class, "Only faces of this class");
  add_manual(*info_app,
             {.about = "Tells sizes, codec, counts by split and class, voids by reason, versions, and everything that "
                       "decided the pixels.",
              .writes = "To standard output alone.",
              .codes = {{1, "no cache, or one that cannot be read"}},
              .examples = {"fergraph cache info faces.h5"}});
  add_manual(*verify_app,
             {.about = "Reads every face and compares it with its checksum; of a folder, also whether shards are "
                       "missing.",
              .writes = "To standard output: the damaged faces by row and id, and a summary.",
              .codes = {{0, "whole"}, {1, "damaged or incomplete"}, {130, "interrupted"}},
              .examples = {"fergraph cache verify faces.h5"}});
  add_manual(*preview_app,
             {.about = "Draws faces in rows, each with its class, chosen as evenly over the classes as possible. The "
                       "same seed chooses the same faces.",
              .writes = "The PNG file of --out.",
              .codes = {},
              .examples = {"fergraph cache preview faces.h5 -o sheet.png --faces 64 --split test"}});
  add_manual(*command, {.about = {},
                        .writes = {},
                        .codes = {},
                        .examples = {"fergraph cache info faces.h5", "fergraph cache verify faces",
                                     "fergraph cache preview faces.h5 -o sheet.png --faces 64 --split test"}});
  actions.on(info_app, [shown](Surroundings&) { return tell_info(shown->file); });
  actions.on(preview_app, [shown](Surroundings&) { return preview(*shown); });
  actions.on(verify_app, [shown, verified](Surroundings& around) {
    verified->file = shown->file;
    return verify(*verified, around.stop());
  });
}

}  // namespace fergraph
