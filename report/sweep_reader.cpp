#include "report/sweep_reader.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

namespace fergraph {
namespace {

std::vector<std::string> with(std::vector<std::string> keys, const std::vector<std::string>& more) {
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

bool fits(const std::string& text, double& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// The files beside one that does not exist, by the words that would name them.
std::vector<std::string> neighbours(const std::filesystem::path& file, const std::string& written) {
  std::vector<std::string> names;
  std::error_code ignored;
  const std::string before = written.substr(0, written.rfind('/') + 1);
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), ignored))
    if (entry.path().extension() == file.extension()) names.push_back(before + entry.path().filename().string());
  return names;
}

}  // namespace

const std::vector<std::string>& sweep_part_keys() {
  static const std::vector<std::string> keys = {"run", "data", "set", "seeds", "evaluate", "value", "pick"};
  return keys;
}

void SweepReader::expect_keys(const Tree& map, const std::vector<std::string>& known, const std::string& where) {
  for (const Tree::Member& member : map.members)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      complain(member.key_place, where + " has no key '" + member.key + "'. It knows " + listed(known) + "." +
                                     did_you_mean(member.key, known));
}

std::optional<std::string> SweepReader::word(const Tree& value, const std::string& of) {
  const Tree inside = inserted(value);
  if (inside.is_scalar()) return inside.text;
  complain(value.place, "'" + of + "' takes a text, but here stands " + inside.described() + ".");
  return std::nullopt;
}

// A name that the sweep's parameters do not have is left: it may be one of the pipeline's, or the seed.
Tree SweepReader::inserted(const Tree& value) {
  Tree out = value;
  for (Tree& item : out.items) item = inserted(item);
  for (Tree::Member& member : out.members) member.value = inserted(member.value);
  if (!value.is_scalar() || !params_) return out;
  if (value.text.starts_with('$'))
    if (const Tree* whole = params_->find(value.text.substr(1))) return parameter(*whole, value);
  for (std::size_t at = out.text.find("${"); at != std::string::npos; at = out.text.find("${", at + 1)) {
    const std::size_t end = out.text.find('}', at);
    const Tree* part = end == std::string::npos ? nullptr : params_->find(out.text.substr(at + 2, end - at - 2));
    if (!part) continue;
    const Tree inside = parameter(*part, value);
    if (!inside.is_scalar()) {
      complain(value.place, "Only a number or a word can be inserted into a text, but here stands " +
                                inside.described() + ". Use it as a whole value, without the braces.");
      return out;
    }
    out.text.replace(at, end - at + 1, inside.text);
    out.quoted = false;  // the quotes were for the braces
  }
  return out;
}

Tree SweepReader::parameter(const Tree& value, const Tree& user) {
  // Longer chains than this go in a circle.
  constexpr int longest_chain = 50;
  if (depth_ > longest_chain) {
    complain(user.place, "The parameter in " + user.described() + " inserts itself. Give it a value of its own.");
    return {};
  }
  ++depth_;
  Tree out = inserted(value);
  --depth_;
  return out;
}

std::optional<NamedFile> SweepReader::file(const Tree& value, const std::string& of) {
  const std::optional<std::string> name = word(value, of);
  if (!name) return std::nullopt;
  NamedFile named{(folder_ / *name).lexically_normal(), value.place};
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(named.path, ignored)) {
    complain(value.place, "The file '" + named.path.string() + "' " +
                              (std::filesystem::exists(named.path, ignored) ? "is no file" : "does not exist") +
                              ". Paths in a sweep start at its own folder; correct the path." +
                              did_you_mean(*name, neighbours(named.path, *name)));
    return std::nullopt;
  }
  return named;
}

std::vector<NamedFile> SweepReader::files(const Tree& value, const std::string& of) {
  std::vector<NamedFile> all;
  if (value.is_nothing()) return all;
  for (const Tree& each : value.is_list() ? value.items : std::vector<Tree>{value})
    if (auto named = file(each, of)) all.push_back(std::move(*named));
  return all;
}

std::vector<SweepSetting> SweepReader::settings(const Tree& value) {
  std::vector<SweepSetting> all;
  if (value.is_nothing()) return all;
  if (!value.is_map()) {
    complain(value.place,
             "'set' takes a map such as {lr: 1e-3, labels: 100}, but here stands " + value.described() + ".");
    return all;
  }
  for (const Tree::Member& member : value.members)
    all.push_back({member.key, inserted(member.value), member.key_place});
  return all;
}

std::optional<SweepEvaluation> SweepReader::evaluation(const Tree& value) {
  SweepEvaluation evaluation;
  if (value.is_map()) {
    expect_keys(value, {"data", "set", "name"}, "'evaluate'");
    if (const Tree* data = value.find("data")) evaluation.data = files(*data, "data");
    if (const Tree* set = value.find("set")) evaluation.set = settings(*set);
    if (const Tree* name = value.find("name"))
      if (auto text = word(*name, "name")) {
        evaluation.name = *text;
        if (text->empty() || text->find('/') != std::string::npos || text->front() == '.')
          complain(name->place, "'name' names the files of the evaluation, so that '" + *text +
                                    "' cannot be it: leave out slashes and a dot at the beginning.");
      }
    if (!value.find("data")) {
      complain(value.place,
               "'evaluate' needs a data file to score the runs on: evaluate: {data: ../data/ck-plus.yaml}.");
      return std::nullopt;
    }
  } else {
    evaluation.data = files(value, "evaluate");
  }
  if (evaluation.data.size() > 1)
    complain(evaluation.data[1].place, "An evaluation is of one data file. Give other data a column of its own.");
  if (evaluation.data.empty()) return std::nullopt;
  if (evaluation.name.empty()) evaluation.name = evaluation.data.back().path.stem().string();
  return evaluation;
}

std::vector<std::uint64_t> SweepReader::seeds(const Tree& value) {
  std::vector<std::uint64_t> all;
  const auto read = [&](const Tree& each) {
    std::uint64_t seed = 0;
    const Tree inside = inserted(each);
    const char* end = inside.text.data() + inside.text.size();
    const auto [stop, error] = std::from_chars(inside.text.data(), end, seed);
    if (!inside.is_scalar() || error != std::errc() || stop != end)
      complain(each.place, "'seeds' takes whole numbers from 0 on, but here stands " + inside.described() +
                               ". Write a list, [1, 2, 3], or how many: 5 for 1 to 5.");
    else if (value.is_list() && std::find(all.begin(), all.end(), seed) != all.end())
      complain(each.place, "The seed " + inside.text + " stands twice in this list. Two equal runs are one.");
    else if (value.is_list())
      all.push_back(seed);
    else if (seed < 1 || seed > 1000)
      complain(each.place, "'seeds' is how many seeds there are, from 1 to 1000, but here stands " + inside.text + ".");
    else
      for (std::uint64_t i = 1; i <= seed; ++i) all.push_back(i);
  };
  if (value.is_list())
    for (const Tree& each : value.items) read(each);
  else
    read(value);
  return all;
}

SweepPart SweepReader::part(const Tree& map, const std::vector<std::string>& keys, const std::string& where) {
  SweepPart part;
  expect_keys(map, keys, where);
  if (const Tree* run = map.find("run")) {
    part.runs = !run->is_nothing();
    if (part.runs) part.run = file(*run, "run");
  }
  if (const Tree* data = map.find("data")) part.data = files(*data, "data");
  if (const Tree* set = map.find("set")) part.set = settings(*set);
  if (const Tree* list = map.find("seeds")) part.seeds = seeds(*list);
  if (const Tree* evaluate = map.find("evaluate")) part.evaluate = evaluation(*evaluate);
  if (const Tree* value = map.find("value")) part.value = word(*value, "value");
  if (const Tree* pick = map.find("pick"))
    if (const auto text = word(*pick, "pick")) {
      part.pick = Pick::parse(*text);
      if (!part.pick)
        complain(pick->place,
                 "'pick' says which epochs count: last, best, or mean5 for the mean of the last five, but "
                 "here stands '" +
                     *text + "'." + did_you_mean(*text, {"last", "best", "mean5"}));
    }
  return part;
}

std::optional<PaperNumber> SweepReader::paper_number(const Tree& value) {
  if (value.is_nothing()) return std::nullopt;
  PaperNumber number;
  const std::string sign = "±";
  const std::size_t at = value.text.find(sign);
  double deviation = 0;
  if (!value.is_scalar() || !fits(trimmed(value.text.substr(0, at)), number.mean) ||
      (at != std::string::npos && !fits(trimmed(value.text.substr(at + sign.size())), deviation))) {
    complain(value.place,
             "A paper's number is written as 52.43 or as 52.43 ± 2.24 (~ where there is none), but here "
             "stands " +
                 value.described() + ".");
    return std::nullopt;
  }
  if (at != std::string::npos) number.deviation = deviation;
  return number;
}

std::vector<SweepHeading> SweepReader::headings(const Tree& map, const std::string& inner) {
  std::vector<SweepHeading> all;
  for (const Tree::Member& member : map.members) add_headings(member, inner, {}, all);
  return all;
}

void SweepReader::add_headings(const Tree::Member& member, const std::string& inner, const SweepHeading& above,
                               std::vector<SweepHeading>& out) {
  SweepHeading heading;
  heading.names = above.names;
  heading.names.push_back(member.key);
  heading.place = member.key_place;
  heading.at = above.at;
  heading.part = above.part;
  const Tree& value = member.value;
  if (!value.is_map() && !value.is_nothing()) {
    complain(value.place, "'" + member.key + "' takes a map such as {run: FILE, set: {lr: 1e-3}}, but here stands " +
                              value.described() + ".");
    return;
  }
  const bool of_rows = inner == "rows";
  heading.part.add(part(value,
                        with(with(sweep_part_keys(), {inner, "grid"}),
                             of_rows ? std::vector<std::string>{"at", "paper"} : std::vector<std::string>{}),
                        "'" + member.key + "'"));
  if (const Tree* at = value.find("at"); of_rows && at) {
    if (!at->is_map())
      complain(at->place,
               "'at' takes a map from columns to what differs there, but here stands " + at->described() + ".");
    for (const Tree::Member& each : at->members) {
      if (each.value.is_map())
        heading.at[each.key].add(part(each.value, sweep_part_keys(), "'at'"));
      else
        complain(each.value.place, "'" + each.key + "' takes a map such as {set: {epochs: 20}}, but here stands " +
                                       each.value.described() + ".");
    }
  }
  if (const Tree* paper = value.find("paper"); of_rows && paper)
    for (const Tree& each : paper->is_list() ? paper->items : std::vector<Tree>{*paper})
      heading.paper.push_back(paper_number(each));
  if (const Tree* group = value.find(inner)) {
    if (value.find("paper") || value.find("grid"))
      complain(group->place, "'" + member.key + "' is a group of " + inner +
                                 ", so that 'paper' and 'grid' have no meaning beside them. Move them to its " + inner +
                                 ".");
    if (!group->is_map() || group->members.empty())
      complain(group->place, "'" + inner + "' takes a map from names to " + inner + ", but here stands " +
                                 (group->is_map() ? "an empty map" : group->described()) + ".");
    for (const Tree::Member& each : group->members) add_headings(each, inner, heading, out);
  } else if (const Tree* grid = value.find("grid")) {
    add_grid(*grid, inner, heading, out);
  } else {
    out.push_back(std::move(heading));
  }
}

void SweepReader::add_grid(const Tree& grid, const std::string& inner, const SweepHeading& above,
                           std::vector<SweepHeading>& out) {
  if (!above.paper.empty())
    complain(grid.place, "A grid makes many " + inner +
                             ", so that 'paper' cannot tell which is meant. Write those that "
                             "a paper has one by one.");
  bool whole = grid.is_map() && !grid.members.empty();
  for (const Tree::Member& each : grid.members) whole = whole && each.value.is_list() && !each.value.items.empty();
  if (!whole) {
    complain(grid.place,
             "'grid' takes a map from parameters to lists of values, {lr: [1e-3, 5e-4], epochs: [10, 20]}, "
             "but here stands " +
                 grid.flow() + ".");
    return;
  }
  std::function<void(std::size_t, const std::string&, SweepPart)> expand;
  expand = [&](std::size_t axis, const std::string& name, SweepPart part) {
    if (axis == grid.members.size()) {
      SweepHeading heading = above;
      heading.names.push_back(name);
      heading.part = std::move(part);
      out.push_back(std::move(heading));
      return;
    }
    const Tree::Member& member = grid.members[axis];
    for (const Tree& value : member.value.items) {
      SweepPart more = part;
      const Tree inside = inserted(value);
      more.set.push_back({member.key, inside, value.place});
      expand(axis + 1, name + (name.empty() ? "" : ", ") + member.key + "=" + inside.flow(), std::move(more));
    }
  };
  expand(0, "", above.part);
}

}  // namespace fergraph
