#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "cli/commands.hpp"
#include "cli/manual.hpp"
#include "graph/document.hpp"

namespace fergraph {
namespace {

// The value at a.b.c, whose keys may hold dots themselves; nullptr where there is none.
const Tree* value_at(const Tree& tree, const std::string& where) {
  for (const Tree::Member& member : tree.members) {
    if (member.key == where) return &member.value;
    if (!where.starts_with(member.key + ".")) continue;
    if (const Tree* found = value_at(member.value, where.substr(member.key.size() + 1))) return found;
  }
  return nullptr;
}

// What files say behind their values, each line's words once.
class Comments {
 public:
  /// "  # …" of the line that the value stands in, or nothing.
  std::string beside(const Tree* value) {
    if (!value || !told_.insert({value->place.file, value->place.line}).second) return {};
    const std::vector<std::string>& lines = lines_of(value->place.file);
    const auto number = static_cast<std::size_t>(std::max(value->place.line, 1)) - 1;
    if (number >= lines.size()) return {};
    const std::string& line = lines[number];
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (quote != '\0')
        quote = line[i] == quote ? '\0' : quote;
      else if (line[i] == '"' || line[i] == '\'')
        quote = line[i];
      else if (line[i] == '#' && i > 0 && line[i - 1] == ' ')
        return "  " + line.substr(i);
    }
    return {};
  }

 private:
  const std::vector<std::string>& lines_of(const std::string& file) {
    const auto [at, is_new] = files_.try_emplace(file);
    std::ifstream stream(is_new ? file : std::string());
    for (std::string line; is_new && std::getline(stream, line);) at->second.push_back(line);
    return at->second;
  }

  std::map<std::string, std::vector<std::string>> files_;
  std::set<std::pair<std::string, int>> told_;
};

// Differences in the order of a file's sections.
void sort_by_section(std::vector<Difference>& all) {
  const auto position = [](const Difference& each) {
    const auto& keys = document_keys();
    return std::find(keys.begin(), keys.end(), each.where.substr(0, each.where.find('.'))) - keys.begin();
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Difference& a, const Difference& b) { return position(a) < position(b); });
}

int diff(const std::filesystem::path& first, const std::filesystem::path& second) {
  const Document a = load_document({first, {}, {}});
  const Document b = load_document({second, {}, {}});
  for (const Document* each : {&a, &b})
    if (!each->problems.empty()) throw PipelineError(each->problems);
  std::vector<Difference> all = differences(a.root, b.root);
  if (all.empty()) std::printf("The two files mean the same.\n");
  sort_by_section(all);
  Comments comments;
  for (const Difference& each : all) {
    std::printf("%s\n", each.where.c_str());
    for (const auto& [sign, text, root] :
         {std::tuple{'-', &each.first, &a.root}, std::tuple{'+', &each.second, &b.root}})
      if (!text->empty())
        std::printf("  %c %s%s\n", sign, text->c_str(), comments.beside(value_at(*root, each.where)).c_str());
  }
  return 0;
}

}  // namespace

void add_diff_command(CLI::App& app, Actions& actions) {
  struct Files {
    std::filesystem::path first, second;
  };
  auto files = std::make_shared<Files>();
  CLI::App* command =
      app.add_subcommand("diff", "List what differs between two pipeline files, all that they use included");
  command->add_option("first", files->first, "A pipeline file")->required();
  command->add_option("second", files->second, "Another")->required();
  add_manual(
      *command,
      {.about = "Compares what the files mean, after all that they use is merged, in the order of a file's sections: "
                "where they differ, what stands there in the first (-) and in the second (+), and the comments that "
                "the files have beside it.",
       .writes = "To standard output alone.",
       .codes = {{0, "done, whether they differ or not"}},
       .examples = {"fergraph diff pipelines/methods/baseline.yaml pipelines/methods/ada-cm.yaml",
                    "fergraph diff pipelines/methods/lion.yaml pipelines/methods/lion.released.yaml"}});
  actions.on(command, [files](Surroundings&) { return diff(files->first, files->second); });
}

}  // namespace fergraph
