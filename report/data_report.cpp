#include "report/data_report.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "cache/checksum.hpp"
#include "graph/feed.hpp"
#include "report/text_table.hpp"

namespace fergraph {
namespace {

// One picture: the samples that show it share its name.
struct Picture {
  std::string name;
  const Sample* sample = nullptr;
  std::set<std::string> splits;
  std::optional<std::uint64_t> checksum;
};

std::optional<std::uint64_t> file_checksum(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  struct stat status {};
  RunningChecksum checksum;
  // Per thread, so that a million small files cost no allocation each; larger files go through it in pieces.
  thread_local std::vector<std::uint8_t> piece(std::size_t{1} << 20);
  bool whole = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  while (whole) {
    std::size_t filled = 0;
    while (filled < piece.size()) {
      const ssize_t got = ::read(descriptor, piece.data() + filled, piece.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) whole = false;
      if (got <= 0) break;
      filled += static_cast<std::size_t>(got);
    }
    if (filled == 0) break;
    checksum.add(piece.data(), filled);
    if (filled < piece.size()) break;
  }
  ::close(descriptor);
  return whole ? std::optional(checksum.value()) : std::nullopt;
}

std::vector<Picture> pictures_of(const SampleTable& table) {
  std::vector<Picture> pictures;
  std::map<std::string, std::size_t> by_name;
  for (const Sample& sample : table.samples) {
    const auto [found, inserted] = by_name.emplace(sample.image, pictures.size());
    if (inserted) pictures.push_back({sample.image, &sample, {}, {}});
    pictures[found->second].splits.insert(sample.split);
  }
  return pictures;
}

void read_all(std::vector<Picture>& pictures, const PictureChecksum& checksum, const std::stop_token& stop,
              const std::function<void(std::int64_t, std::int64_t)>& progress) {
  std::atomic<std::int64_t> done{0};
  std::mutex telling;
  tbb::parallel_for(std::size_t{0}, pictures.size(), [&](std::size_t i) {
    if (stop.stop_requested()) return;
    pictures[i].checksum = checksum(*pictures[i].sample);
    const std::int64_t now = ++done;
    if (now % 64 != 0) return;
    const std::lock_guard lock(telling);
    progress(now, static_cast<std::int64_t>(pictures.size()));
  });
  if (stop.stop_requested()) throw Cancelled();
}

EqualPictures group_of(const std::vector<const Picture*>& pictures) {
  EqualPictures group;
  std::set<std::string> splits;
  for (const Picture* each : pictures) {
    group.images.push_back(each->name);
    splits.insert(each->splits.begin(), each->splits.end());
  }
  std::sort(group.images.begin(), group.images.end());
  group.splits.assign(splits.begin(), splits.end());
  return group;
}

std::string beside(std::int64_t found, const std::optional<std::int64_t>& published) {
  return std::to_string(found) + (published ? " of " + std::to_string(*published) : "");
}

void add_groups(const std::string& title, const std::vector<EqualPictures>& groups, bool with_splits,
                std::string& text) {
  if (groups.empty()) return;
  constexpr std::size_t shown = 10;
  text += title;
  for (std::size_t i = 0; i < std::min(shown, groups.size()); ++i) {
    text += " ";
    for (std::size_t j = 0; j < std::min(shown, groups[i].images.size()); ++j)
      text += (j ? " = " : " ") + groups[i].images[j];
    if (groups[i].images.size() > shown) text += " and " + std::to_string(groups[i].images.size() - shown) + " more";
    if (with_splits) {
      text += " (";
      for (std::size_t j = 0; j < groups[i].splits.size(); ++j) text += (j ? ", " : "") + groups[i].splits[j];
      text += ")";
    }
    text += "\n";
  }
  if (groups.size() > shown)
    text += "  ... and " + std::to_string(groups.size() - shown) + " more; --json lists all.\n";
}

nlohmann::ordered_json groups_json(const std::vector<EqualPictures>& groups) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const EqualPictures& each : groups) list.push_back({{"images", each.images}, {"splits", each.splits}});
  return list;
}

}  // namespace

PictureChecksum checksums_of(const SampleTable& table) {
  return [&table](const Sample& sample) -> std::optional<std::uint64_t> {
    if (sample.inline_picture >= 0) return checksum_of(table.pixels.picture(sample.inline_picture));
    return file_checksum(table.path(sample));
  };
}

SampleTable table_of(const FaceCache& cache) {
  SampleTable table;
  table.root = cache.path();
  table.class_names = cache.provenance().class_names;
  for (std::int64_t i = 0; i < cache.size(); ++i) {
    Sample sample;
    sample.row = i;
    sample.id = sample.image = std::string(cache.id(i));
    sample.split = std::string(cache.split(i));
    sample.label = cache.label(i);
    sample.box = cache.box(i);
    sample.landmarks = cache.landmarks(i);
    table.samples.push_back(std::move(sample));
  }
  return table;
}

DataReport look_at_table(const SampleTable& table, const PictureChecksum& checksum, std::stop_token stop,
                         const std::function<void(std::int64_t, std::int64_t)>& progress) {
  DataReport report;
  report.warnings = table.warnings;
  std::vector<Picture> pictures = pictures_of(table);
  report.pictures = static_cast<std::int64_t>(pictures.size());
  read_all(pictures, checksum, stop, progress);

  std::map<std::string, bool> is_missing;
  std::map<std::uint64_t, std::vector<const Picture*>> by_bytes;
  for (const Picture& each : pictures) {
    if (each.checksum)
      by_bytes[*each.checksum].push_back(&each);
    else
      is_missing[each.name] = true;
  }
  for (CountedSplit& counts : counts_beside_published(table)) {
    SplitReport split;
    split.counts = std::move(counts);
    report.splits.push_back(std::move(split));
  }
  for (const Sample& sample : table.samples) {
    const auto split = std::find_if(report.splits.begin(), report.splits.end(),
                                    [&](const SplitReport& each) { return each.counts.split == sample.split; });
    split->boxes += sample.box ? 1 : 0;
    split->landmarks += sample.landmarks ? 1 : 0;
    split->problems += sample.problem.empty() ? 0 : 1;
    split->missing_files += is_missing.contains(sample.image) ? 1 : 0;
  }
  const auto add = [&](EqualPictures group) {
    if (group.splits.size() > 1) report.in_several_splits.push_back(group);
    if (group.images.size() > 1) report.duplicates.push_back(std::move(group));
  };
  for (const auto& [bytes, group] : by_bytes) add(group_of(group));
  // A file that cannot be read may still be named in two splits.
  for (const Picture& each : pictures)
    if (!each.checksum) add(group_of({&each}));
  const auto by_first = [](const EqualPictures& a, const EqualPictures& b) { return a.images < b.images; };
  std::sort(report.duplicates.begin(), report.duplicates.end(), by_first);
  std::sort(report.in_several_splits.begin(), report.in_several_splits.end(), by_first);
  return report;
}

SelectionReport look_at_selection(const std::string& name, const FaceCache& cache, const CacheSelection& selection) {
  // It speaks of the cache's own classes.
  CacheSelection own = selection;
  own.classes.clear();
  std::erase_if(own.aliases, [](const auto& alias) { return alias.second.has_value(); });
  const SelectedFaces selected = select_faces(cache, own);
  SelectionReport report;
  report.name = name;
  report.faces = static_cast<std::int64_t>(selected.faces.size());
  report.by_class.assign(cache.provenance().class_names.size(), 0);
  for (const std::int64_t label : selected.labels)
    if (label >= 0 && label < static_cast<std::int64_t>(report.by_class.size()))
      ++report.by_class[static_cast<std::size_t>(label)];
  report.changed = selected.changed;
  report.warnings = selected.warnings;
  return report;
}

std::string text_of(const DataReport& report) {
  std::int64_t samples = 0, copies = 0;
  for (const SplitReport& each : report.splits) samples += each.counts.samples;
  std::string text = report.name + " (" + report.source + "): " + std::to_string(samples) + " samples of " +
                     std::to_string(report.pictures) + " pictures\n";
  TextTable table;
  std::vector<std::string> header = {""};
  for (const SplitReport& each : report.splits) header.push_back(each.counts.split.empty() ? "all" : each.counts.split);
  table.row(header);
  const std::size_t classes = report.splits.empty() ? 0 : report.splits.front().counts.classes.size();
  for (std::size_t c = 0; c < classes; ++c) {
    std::vector<std::string> cells = {report.splits.front().counts.classes[c].name};
    for (const SplitReport& each : report.splits)
      cells.push_back(beside(each.counts.classes[c].found, each.counts.classes[c].published));
    table.row(std::move(cells));
  }
  std::vector<std::string> totals = {"samples"};
  for (const SplitReport& each : report.splits) totals.push_back(beside(each.counts.samples, each.counts.published));
  table.row(std::move(totals));
  const auto numbers = [&](const std::string& title, bool always, const auto& number) {
    std::vector<std::string> cells = {title};
    std::int64_t sum = 0;
    for (const SplitReport& each : report.splits) {
      sum += number(each);
      cells.push_back(std::to_string(number(each)));
    }
    if (always || sum > 0) table.row(std::move(cells));
  };
  numbers("without a label", false, [](const SplitReport& each) { return each.counts.unlabeled; });
  numbers("with a box", true, [](const SplitReport& each) { return each.boxes; });
  numbers("with landmarks", true, [](const SplitReport& each) { return each.landmarks; });
  numbers("not usable", true, [](const SplitReport& each) { return each.problems; });
  numbers("missing files", true, [](const SplitReport& each) { return each.missing_files; });
  text += table.text();
  for (const EqualPictures& each : report.duplicates) copies += static_cast<std::int64_t>(each.images.size()) - 1;
  text += report.duplicates.empty() ? "No picture has the bytes of another.\n" : "";
  add_groups(std::to_string(copies) + (copies == 1 ? " picture has" : " pictures have") + " the bytes of another:\n",
             report.duplicates, false, text);
  if (report.splits.size() > 1) {
    text += report.in_several_splits.empty() ? "No picture stands in several splits.\n" : "";
    add_groups(std::to_string(report.in_several_splits.size()) +
                   (report.in_several_splits.size() == 1 ? " picture stands" : " pictures stand") +
                   " in several splits:\n",
               report.in_several_splits, true, text);
  }
  return text;
}

std::string text_of(const std::vector<SelectionReport>& selections, const std::vector<std::string>& class_names) {
  TextTable table;
  const auto row = [&](const std::string& title, const auto& cell) {
    std::vector<std::string> cells = {title};
    for (const SelectionReport& each : selections) cells.push_back(cell(each));
    table.row(std::move(cells));
  };
  row("", [](const SelectionReport& each) { return each.name; });
  for (std::size_t c = 0; c < class_names.size(); ++c)
    row(class_names[c], [&](const SelectionReport& each) { return std::to_string(each.by_class[c]); });
  row("faces", [](const SelectionReport& each) { return std::to_string(each.faces); });
  row("changed labels", [](const SelectionReport& each) { return std::to_string(each.changed); });
  std::string text = table.text();
  for (const SelectionReport& each : selections)
    for (const std::string& warning : each.warnings) text += each.name + ": " + warning + "\n";
  return text;
}

nlohmann::ordered_json json_of(const DataReport& report) {
  nlohmann::ordered_json splits = nlohmann::ordered_json::array();
  const auto number = [](const std::optional<std::int64_t>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  for (const SplitReport& each : report.splits) {
    nlohmann::ordered_json classes = nlohmann::ordered_json::array();
    for (const CountedClass& counted : each.counts.classes)
      classes.push_back({{"name", counted.name}, {"found", counted.found}, {"published", number(counted.published)}});
    splits.push_back({{"split", each.counts.split},
                      {"samples", each.counts.samples},
                      {"published", number(each.counts.published)},
                      {"unlabeled", each.counts.unlabeled},
                      {"classes", classes},
                      {"boxes", each.boxes},
                      {"landmarks", each.landmarks},
                      {"not_usable", each.problems},
                      {"missing_files", each.missing_files}});
  }
  return {{"name", report.name},
          {"source", report.source},
          {"pictures", report.pictures},
          {"splits", splits},
          {"duplicates", groups_json(report.duplicates)},
          {"in_several_splits", groups_json(report.in_several_splits)},
          {"warnings", report.warnings}};
}

nlohmann::ordered_json json_of(const SelectionReport& selection, const std::vector<std::string>& class_names) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::object();
  for (std::size_t c = 0; c < class_names.size(); ++c) classes[class_names[c]] = selection.by_class[c];
  return {{"name", selection.name},
          {"faces", selection.faces},
          {"classes", classes},
          {"changed_labels", selection.changed},
          {"warnings", selection.warnings}};
}

}  // namespace fergraph
