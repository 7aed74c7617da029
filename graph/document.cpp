#include "graph/document.hpp"

#include <algorithm>
#include <charconv>

namespace fergraph {
namespace {

bool is_node_entry(const Tree& value) { return value.is_map() && (value.find("node") || value.find("after")); }

class Merger {
 public:
  explicit Merger(std::vector<Problem>& problems) : problems_(problems) {}

  void merge_map(Tree& base, const Tree& over, bool nothing_deletes, bool top) {
    for (const Tree::Member& member : over.members) merge_member(base, member, nothing_deletes, top);
  }

 private:
  void insert_new(Tree& base, const Tree::Member& member, bool is_entry) {
    Tree::Member added = member;
    const Tree* after = is_entry ? member.value.find("after") : nullptr;
    auto behind = base.members.end();
    if (after) {
      added.value.erase("after");
      const auto found = std::find_if(base.members.begin(), base.members.end(),
                                      [&](const Tree::Member& each) { return each.key == after->text; });
      if (found == base.members.end())
        problems_.push_back({after->place, "'" + member.key + "' is to stand after '" + after->text +
                                               "', which is no entry of this section. It has " + listed(base.keys()) +
                                               "." + did_you_mean(after->text, base.keys())});
      else
        behind = found + 1;
    }
    base.members.insert(behind, std::move(added));
  }

  static bool stands_behind(const Tree& base, const std::string& key, const std::string& other) {
    const std::vector<std::string> keys = base.keys();
    const auto found = std::find(keys.begin(), keys.end(), other);
    return found != keys.end() && std::find(found, keys.end(), key) != keys.end() && key != other;
  }

  void merge_member(Tree& base, const Tree::Member& member, bool nothing_deletes, bool top) {
    Tree* old = base.find(member.key);
    const bool is_params = top && member.key == "params";
    if (!old) {
      if (member.value.is_map() && !is_node_entry(member.value) && nothing_deletes) {
        // Merging onto an empty map applies the rules (`after`) inside a section that is new as a whole.
        Tree fresh = member.value;
        fresh.members.clear();
        merge_map(fresh, member.value, !is_params, false);
        base.members.push_back({member.key, member.key_place, std::move(fresh)});
      } else if (!member.value.is_nothing() || !nothing_deletes) {
        insert_new(base, member, nothing_deletes && is_node_entry(member.value));
      }
      return;
    }
    if (member.value.is_nothing() && nothing_deletes) {
      base.erase(member.key);
      return;
    }
    if (!old->is_map() || !member.value.is_map()) {
      *old = member.value;
      return;
    }
    if (const Tree* after = member.value.find("after"); after && old->find("node")) {
      // A file that is merged over what it was merged into before, a run's, finds its entry where it wants it.
      if (stands_behind(base, member.key, after->text)) {
        Tree::Member same_place = member;
        same_place.value.erase("after");
        merge_member(base, same_place, nothing_deletes, top);
        return;
      }
      problems_.push_back({after->place, "'" + member.key +
                                             "' overrides an entry and keeps its place, so 'after' has no meaning "
                                             "here. Remove 'after', or give the entry a new name."});
      return;
    }
    for (const char* kind : {"node", "kind"}) {
      const Tree* before = old->find(kind);
      const Tree* now = member.value.find(kind);
      if (before && now && !before->same(*now)) {
        *old = member.value;
        return;
      }
    }
    merge_map(*old, member.value, nothing_deletes && !is_params, false);
  }

  std::vector<Problem>& problems_;
};

void check_version(const Tree& version, std::vector<Problem>& problems) {
  int number = 0;
  const char* end = version.text.data() + version.text.size();
  const auto [stop, error] = std::from_chars(version.text.data(), end, number);
  if (error != std::errc() || stop != end || number < 1)
    problems.push_back({version.place, "The format version must be a whole number from 1, but here stands " +
                                           version.described() + "."});
  else if (number > pipeline_format_version)
    // What else a newer format says would only be misread.
    throw PipelineError(version.place, "The file has format version " + version.text +
                                           ", but this program reads up to version " +
                                           std::to_string(pipeline_format_version) + ". Use a newer fergraph.");
}

// Tells what is wrong at the top of a file and takes it out.
void check_top(Tree& root, std::vector<Problem>& problems) {
  const auto& known = document_keys();
  if (!root.is_map())
    throw PipelineError(root.place, "A pipeline file is a map with the keys " + listed(known) + ", but here stands " +
                                        root.described() + ".");
  for (const Tree::Member& member : root.members)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      problems.push_back({member.key_place, "A pipeline file has no key '" + member.key + "'. It knows " +
                                                listed(known) + "." + did_you_mean(member.key, known)});
  std::erase_if(root.members, [&](const Tree::Member& member) {
    return std::find(known.begin(), known.end(), member.key) == known.end();
  });
  if (const Tree* version = root.find("version")) check_version(*version, problems);
  for (const char* key : {"pipeline", "doc"}) {
    const Tree* value = root.find(key);
    if (!value || value->told || value->is_scalar() || value->is_nothing()) continue;
    problems.push_back({value->place, std::string("'") + key + "' must be a text, but here stands " +
                                          value->described() + ". Write it on one line, in quotes if need be."});
    root.find(key)->told = true;
  }
  for (const char* section : {"params", "state", "streams", "epoch_start", "step", "epoch_end", "records"}) {
    const Tree* value = root.find(section);
    if (!value || value->told || value->is_map() || value->is_nothing()) continue;
    problems.push_back({value->place, std::string("'") + section + "' must be a map of names, but here stands " +
                                          value->described() + "."});
    root.find(section)->told = true;
  }
}

class Loader {
 public:
  Document document;

  void add(const std::filesystem::path& file, const Place* named_at) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(file, error);
    if (!named_at) merged_.clear();
    if (const auto open = std::find(open_.begin(), open_.end(), real); open != open_.end()) {
      std::string circle;
      for (auto each = open; each != open_.end(); ++each) circle += each->filename().string() + " uses ";
      unusable_.push_back({*named_at, "The file uses itself: " + circle + real.filename().string() +
                                          ". Remove one 'use' of this circle."});
      return;
    }
    // A file that two others use counts once: merged again, it would undo what the first of them overrides. What the
    // file that is run names itself is meant: it is merged where it is named.
    const bool by_root = open_.size() == 1;
    const bool before = std::find(merged_.begin(), merged_.end(), real) != merged_.end();
    if (before && !by_root) return;
    merged_.push_back(real);
    if (named_at && !std::filesystem::is_regular_file(file, error)) {
      unusable_.push_back({*named_at, "The used file '" + file.string() + "' " +
                                          (std::filesystem::exists(file, error) ? "is no file" : "does not exist") +
                                          ". Paths in 'use' start at the folder of the file that names them; correct "
                                          "the path."});
      return;
    }
    Tree root = read_yaml(file, document.problems);
    check_top(root, document.problems);
    open_.push_back(real);
    if (const Tree* use = root.find("use")) {
      std::vector<Tree> names = use->is_list() ? use->items : std::vector<Tree>{*use};
      for (const Tree& name : names) {
        if (name.is_nothing()) continue;
        if (name.is_scalar())
          add(file.parent_path() / name.text, &name.place);
        else
          unusable_.push_back({name.place, "'use' takes a file name or a list of file names, but here stands " +
                                               name.described() + ". Name the files alone."});
      }
    }
    open_.pop_back();
    root.erase("use");
    if (document.root.is_nothing())
      document.root = [&] {
        Tree empty;
        empty.kind = Tree::Kind::map;
        empty.place = root.place;
        return empty;
      }();
    merge_document(document.root, root, document.problems);
    document.files.push_back(file);
  }

  // Without a used file everything that refers to it would be told as wrong too.
  void require_all_files() {
    if (unusable_.empty()) return;
    unusable_.insert(unusable_.begin(), document.problems.begin(), document.problems.end());
    throw PipelineError(unusable_);
  }

  void set(const std::string& setting) {
    const std::size_t equals = std::min(setting.find('='), setting.size());
    const Place place{"--set " + setting, 0, 0};
    std::vector<std::string> path;
    for (std::size_t begin = 0; begin <= equals;) {
      const std::size_t end = std::min(setting.find('.', begin), equals);
      path.push_back(setting.substr(begin, end - begin));
      begin = end + 1;
    }
    if (equals == setting.size() || std::find(path.begin(), path.end(), "") != path.end())
      throw PipelineError(
          place,
          "A setting has the form name=value, for example --set lr=0.001 or --set step.total.terms={a.loss: 1}.");
    if (path.front() == "use")
      throw PipelineError(place,
                          "A setting cannot change which files are used. Give another data file with --data, or write "
                          "a file of your own that uses both.");
    const auto& sections = document_keys();
    if (std::find(sections.begin(), sections.end(), path.front()) == sections.end())
      path.insert(path.begin(), "params");
    Tree value = setting_value(setting.substr(equals + 1), place);
    if (value.is_map() && value.members.empty() && setting.substr(equals + 1).find('{') == std::string::npos)
      value.kind = Tree::Kind::nothing;
    relocate(value, place);
    if (path.front() == "params" && path.size() > 1) {
      const Tree* params = document.root.find("params");
      if (!params || !params->find(path[1])) {
        const auto known = params ? params->keys() : std::vector<std::string>{};
        throw PipelineError(place, "The pipeline has no parameter '" + path[1] + "'. It knows " + listed(known) + "." +
                                       did_you_mean(path[1], known));
      }
    }
    path = joined_keys(document.root, path);
    if (path.size() > 2) {
      const Tree* section = document.root.find(path[0]);
      if (!section || !section->find(path[1])) {
        const auto known = section ? section->keys() : std::vector<std::string>{};
        throw PipelineError(place, "'" + path[0] + "' has no entry '" + path[1] + "' to set. It has " + listed(known) +
                                       "." + did_you_mean(path[1], known));
      }
    }
    Tree over = std::move(value);
    for (auto name = path.rbegin(); name != path.rend(); ++name) {
      Tree outer;
      outer.kind = Tree::Kind::map;
      outer.place = place;
      outer.members.push_back({*name, place, std::move(over)});
      over = std::move(outer);
    }
    merge_document(document.root, over, document.problems);
  }

 private:
  static void relocate(Tree& tree, const Place& place) {
    tree.place = place;
    for (Tree& item : tree.items) relocate(item, place);
    for (Tree::Member& member : tree.members) member.key_place = place, relocate(member.value, place);
  }

  static Tree setting_value(const std::string& text, const Place& place) {
    try {
      return parse_yaml(text, place.file);
    } catch (const PipelineError& error) {
      throw PipelineError(place, error.problems().front().message);
    }
  }

  // Keys may hold dots themselves (`loss.total` in records, `pseudo.loss` in terms): the longest that is there is
  // meant.
  static std::vector<std::string> joined_keys(const Tree& root, const std::vector<std::string>& path) {
    std::vector<std::string> keys;
    const Tree* at = &root;
    for (std::size_t begin = 0; begin < path.size();) {
      std::string key = path[begin];
      std::size_t end = begin + 1;
      std::string longer = key;
      for (std::size_t i = begin + 1; i < path.size(); ++i) {
        longer += "." + path[i];
        if ((at && at->find(longer)) || keys == std::vector<std::string>{"records"}) key = longer, end = i + 1;
      }
      at = at ? at->find(key) : nullptr;
      keys.push_back(key);
      begin = end;
    }
    return keys;
  }

  std::vector<std::filesystem::path> open_;
  std::vector<std::filesystem::path> merged_;
  std::vector<Problem> unusable_;  // files that are named but cannot be merged
};

class Inserter {
 public:
  Inserter(const Tree* params, std::vector<Problem>& problems) : params_(params), problems_(problems) {}

  Tree inserted(const Tree& tree) {
    if (tree.is_scalar()) return scalar(tree);
    Tree out = tree;
    for (Tree& item : out.items) item = inserted(item);
    for (Tree::Member& member : out.members) member.value = inserted(member.value);
    return out;
  }

 private:
  static bool word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

  Tree scalar(const Tree& tree) {
    const std::string& text = tree.text;
    if (text.size() > 1 && text[0] == '$' && std::all_of(text.begin() + 1, text.end(), word))
      return parameter(text.substr(1), tree);
    Tree out = tree;
    for (std::size_t at = out.text.find("${"); at != std::string::npos; at = out.text.find("${", at)) {
      const std::size_t end = out.text.find('}', at);
      if (end == std::string::npos) break;
      Tree value = parameter(out.text.substr(at + 2, end - at - 2), tree);
      if (value.told) return value;
      if (!value.is_scalar())
        return refused(tree.place, "Only a number or a word can be inserted into a text, but '" +
                                       out.text.substr(at + 2, end - at - 2) + "' is " + value.described() +
                                       ". Use it as a whole value, without the braces.");
      out.text.replace(at, end - at + 1, value.text);
      out.quoted = false;  // the quotes were for the braces
      at += value.text.size();
    }
    return out;
  }

  // What is wrong in a parameter is told once, however many insert it.
  Tree refused(const Place& place, std::string message) {
    const bool known =
        std::any_of(problems_.begin(), problems_.end(), [&](const Problem& each) { return each.place == place; });
    if (!known) problems_.push_back({place, std::move(message)});
    Tree nothing;
    nothing.place = place;
    nothing.told = true;
    return nothing;
  }

  Tree parameter(const std::string& name, const Tree& user) {
    const Tree* value = params_ ? params_->find(name) : nullptr;
    if (!value) {
      const auto known = params_ ? params_->keys() : std::vector<std::string>{};
      return refused(user.place, "There is no parameter '" + name + "' to insert. 'params' knows " + listed(known) +
                                     "." + did_you_mean(name, known));
    }
    if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
      return refused(user.place, "The parameter '" + name + "' inserts itself. Give it a value of its own.");
    }
    open_.push_back(name);
    Tree out = inserted(*value);
    open_.pop_back();
    return out;
  }

  const Tree* params_;
  std::vector<Problem>& problems_;
  std::vector<std::string> open_;
};

void compare(const std::string& where, const Tree* a, const Tree* b, std::vector<Difference>& out) {
  // A section that only one file has is told entry by entry too.
  Tree empty;
  empty.kind = Tree::Kind::map;
  if (!where.empty() && where.find('.') == std::string::npos && (!a || !b) && !(a ? a : b)->members.empty())
    (a ? b : a) = &empty;
  if (a && b && a->is_map() && b->is_map()) {
    for (const Tree::Member& member : a->members)
      compare(where.empty() ? member.key : where + "." + member.key, &member.value, b->find(member.key), out);
    for (const Tree::Member& member : b->members)
      if (!a->find(member.key))
        compare(where.empty() ? member.key : where + "." + member.key, nullptr, &member.value, out);
  } else if (!a || !b || !a->same(*b)) {
    out.push_back({where, a ? a->flow() : "", b ? b->flow() : ""});
  }
}

}  // namespace

const std::vector<std::string>& document_keys() {
  static const std::vector<std::string> keys = {"version", "pipeline",    "doc",  "use",       "params",  "state",
                                                "streams", "epoch_start", "step", "epoch_end", "records", "on_nan"};
  return keys;
}

void merge_document(Tree& base, const Tree& over, std::vector<Problem>& problems) {
  Merger(problems).merge_map(base, over, true, true);
}

Document load_document(const LoadOptions& options) {
  Loader loader;
  loader.add(options.file, nullptr);
  loader.document.root.place = {options.file.string(), 1, 1};
  for (const auto& data : options.data) loader.add(data, nullptr);
  loader.require_all_files();
  for (const std::string& setting : options.settings) loader.set(setting);
  if (!options.settings.empty()) check_top(loader.document.root, loader.document.problems);
  return std::move(loader.document);
}

Tree insert_parameters(const Tree& root, std::vector<Problem>& problems) {
  Inserter inserter(root.find("params"), problems);
  return inserter.inserted(root);
}

std::vector<Difference> differences(const Tree& first, const Tree& second) {
  std::vector<Difference> out;
  compare("", &first, &second, out);
  return out;
}

}  // namespace fergraph
