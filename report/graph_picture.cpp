#include "report/graph_picture.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "report/run_directory.hpp"

namespace fergraph {
namespace {

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fergraph-drawing-XXXXXX").string();
    if (!::mkdtemp(name.data()))
      throw RunError("No folder for a drawing could be made as '" + name + "'. Check the free space.");
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string shell_quoted(const std::filesystem::path& path) {
  std::string quoted = "'";
  for (const char c : path.string()) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string cost_text(double seconds, double share) {
  std::array<char, 48> text{};
  if (seconds < 1)
    std::snprintf(text.data(), text.size(), "%.0f ms · %.1f %%", 1000 * seconds, 100 * share);
  else
    std::snprintf(text.data(), text.size(), share < 0.1 ? "%s · %.1f %%" : "%s · %.0f %%",
                  readable_seconds(seconds).c_str(), 100 * share);
  return text.data();
}

}  // namespace

std::string svg_of(const std::string& dot) {
  const ScratchFolder scratch;
  const std::filesystem::path text = scratch.path() / "graph.dot";
  const std::filesystem::path drawing = scratch.path() / "graph.svg";
  write_whole(text, dot);
  const std::string command = "dot -Tsvg -o " + shell_quoted(drawing) + " " + shell_quoted(text);
  const int status = std::system(command.c_str());
  std::ifstream in(drawing, std::ios::binary);
  if (status != 0 || !in) throw RunError("Graphviz could not draw the pipeline. Install the package graphviz.");
  return {std::istreambuf_iterator<char>(in), {}};
}

DrawingOptions notes_of(const RunTiming& timing) {
  DrawingOptions options;
  options.title = false;
  for (const NodeTime& each : timing.nodes) {
    const double share = timing.seconds > 0 ? each.seconds / timing.seconds : 0;
    const int heat = share >= 0.3 ? 4 : share >= 0.1 ? 3 : share >= 0.03 ? 2 : share >= 0.01 ? 1 : 0;
    options.notes[each.node] = {each.calls > 0 ? cost_text(each.seconds, share) : std::string("never ran"),
                                "heat-" + std::to_string(heat)};
  }
  return options;
}

std::string inline_svg(const std::string& svg) {
  const std::size_t begin = svg.find("<svg");
  if (begin == std::string::npos) return {};
  std::string text = svg.substr(begin);
  const std::size_t end = text.find('>');
  static const std::regex size(R"re( (width|height)="[^"]*")re");
  return std::regex_replace(text.substr(0, end), size, "") + text.substr(end);
}

}  // namespace fergraph
