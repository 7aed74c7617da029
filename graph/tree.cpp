#include "graph/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace fergraph {
namespace {

// Builds the tree from yaml-cpp's events: unlike its node interface they keep duplicate keys and the place of each key.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string file, std::vector<Problem>& problems) : file_(std::move(file)), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(made(Tree::Kind::nothing, mark), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end())
      throw PipelineError(place(mark), "An alias may not stand inside the value that it names. Write the value out.");
    // A few lines of aliases of aliases can stand for more values than fit into memory.
    aliased_ += count(known->second);
    if (aliased_ > most_aliased)
      throw PipelineError(place(mark), "The aliases up to here stand for more than " + std::to_string(most_aliased) +
                                           " values. Write what is meant, without aliases of aliases.");
    add(known->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Tree tree = made(Tree::Kind::scalar, mark);
    tree.text = value;
    tree.quoted = tag == "!";
    if (!tree.quoted && (value == "~" || value == "null" || value.empty())) tree.kind = Tree::Kind::nothing;
    add(std::move(tree), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back({made(Tree::Kind::list, mark), anchor, {}, {}, false});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back({made(Tree::Kind::map, mark), anchor, {}, {}, false});
  }
  void OnMapEnd() override { close(); }

  Tree result;

 private:
  struct Open {
    Tree tree;
    YAML::anchor_t anchor;
    std::string key;
    Place key_place;     // line 0: the next event is a key
    bool skips = false;  // the value of a key that is refused
  };

  static constexpr std::size_t most_aliased = 100'000;

  static std::size_t count(const Tree& tree) {
    std::size_t all = 1;
    for (const Tree& item : tree.items) all += count(item);
    for (const Tree::Member& member : tree.members) all += count(member.value);
    return all;
  }

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }
  Tree made(Tree::Kind kind, const YAML::Mark& mark) const {
    Tree tree;
    tree.kind = kind;
    tree.place = place(mark);
    return tree;
  }
  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.tree), done.anchor);
  }
  void add(Tree tree, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = tree;
    if (open_.empty()) {
      result = std::move(tree);
      return;
    }
    Open& parent = open_.back();
    if (parent.tree.is_list()) {
      parent.tree.items.push_back(std::move(tree));
    } else if (parent.key_place.line == 0) {
      parent.skips = is_refused(parent.tree, tree);
      parent.key = tree.text;
      parent.key_place = tree.place;
    } else {
      if (!parent.skips) parent.tree.members.push_back({parent.key, parent.key_place, std::move(tree)});
      parent.key_place = {};
    }
  }

  bool is_refused(Tree& map, const Tree& key) {
    if (!key.is_scalar()) {
      map.told = true;  // what it was meant to hold cannot be known
      problems_.push_back({key.place, "A key must be a word, but here stands " + key.described() +
                                          ". Write it as 'name: value'; a text with braces needs quotes."});
      return true;
    }
    for (const Tree::Member& first : map.members) {
      if (first.key != key.text) continue;
      problems_.push_back({key.place, "The key '" + key.text +
                                          "' stands twice in this map; it was first given at line " +
                                          std::to_string(first.key_place.line) + ". Remove or rename one of them."});
      return true;
    }
    return false;
  }

  std::string file_;
  std::vector<Problem>& problems_;
  std::size_t aliased_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Tree> anchors_;
};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool plain(const std::string& text) {
  if (std::ranges::any_of(text, is_control)) return false;
  // As yaml-cpp has them: words for nothing.
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  if (std::string("-?:,[]{}#&*!|>'\"%@`").find(text.front()) != std::string::npos) {
    const bool number = text.front() == '-' && text.size() > 1 && text[1] != ' ';
    if (!number) return false;
  }
  // yaml-cpp reads a '?' anywhere in a flow list as the start of a key.
  if (text.find_first_of(",[]{}?\"") != std::string::npos) return false;
  return text.find(": ") == std::string::npos && text.find(" #") == std::string::npos && text.back() != ':';
}

std::string written(const std::string& text, bool quoted) {
  if (!quoted && plain(text)) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_control(c)) {
      // yaml-cpp takes some of them, written bare, for the file's end.
      constexpr const char* digits = "0123456789abcdef";
      out += std::string("\\x") + digits[static_cast<unsigned char>(c) >> 4] + digits[c & 0xF];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

void write_block(const Tree& tree, int depth, int indent, std::string& out) {
  for (const Tree::Member& member : tree.members) {
    out += std::string(static_cast<std::size_t>(indent), ' ') + written(member.key, false) + ":";
    if (member.value.is_map() && depth > 1 && !member.value.members.empty()) {
      out += "\n";
      write_block(member.value, depth - 1, indent + 2, out);
    } else {
      out += " " + member.value.flow() + "\n";
    }
  }
}

}  // namespace

const Tree* Tree::find(const std::string& key) const {
  for (const Member& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

Tree* Tree::find(const std::string& key) { return const_cast<Tree*>(std::as_const(*this).find(key)); }

void Tree::erase(const std::string& key) {
  std::erase_if(members, [&](const Member& member) { return member.key == key; });
}

std::vector<std::string> Tree::keys() const {
  std::vector<std::string> names;
  for (const Member& member : members) names.push_back(member.key);
  return names;
}

std::string Tree::described() const {
  switch (kind) {
    case Kind::nothing:
      return "nothing";
    case Kind::scalar:
      return "'" + text + "'";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return {};
}

std::string Tree::flow() const {
  switch (kind) {
    case Kind::nothing:
      return "~";
    case Kind::scalar:
      return written(text, quoted);
    case Kind::list: {
      std::string out = "[";
      for (const Tree& item : items) out += (out.size() > 1 ? ", " : "") + item.flow();
      return out + "]";
    }
    case Kind::map: {
      std::string out = "{";
      for (const Member& member : members)
        out += (out.size() > 1 ? ", " : "") + written(member.key, false) + ": " + member.value.flow();
      return out + "}";
    }
  }
  return {};
}

bool Tree::same(const Tree& other) const {
  if (kind != other.kind || text != other.text || items.size() != other.items.size() ||
      members.size() != other.members.size())
    return false;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!items[i].same(other.items[i])) return false;
  for (std::size_t i = 0; i < members.size(); ++i)
    if (members[i].key != other.members[i].key || !members[i].value.same(other.members[i].value)) return false;
  return true;
}

Tree Tree::scalar(std::string text, Place place) {
  Tree tree;
  tree.kind = Kind::scalar;
  tree.text = std::move(text);
  tree.place = std::move(place);
  return tree;
}

Tree parse_yaml(const std::string& text, const std::string& file) {
  std::vector<Problem> problems;
  Tree tree = parse_yaml(text, file, problems);
  if (!problems.empty()) throw PipelineError(problems);
  return tree;
}

Tree parse_yaml(const std::string& text, const std::string& file, std::vector<Problem>& problems) {
  TreeBuilder builder(file, problems);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      Tree empty;
      empty.kind = Tree::Kind::map;
      empty.place = {file, 1, 1};
      return empty;
    }
    TreeBuilder second(file, problems);
    if (parser.HandleNextDocument(second))
      throw PipelineError(second.result.place,
                          "A file holds one YAML document, but here a second one begins. Remove the '---'.");
  } catch (const YAML::Exception& error) {
    throw PipelineError(
        {file, std::max(error.mark.line, 0) + 1, std::max(error.mark.column, 0) + 1},
        "This is not valid YAML: " + error.msg +
            ". Check the indentation (blanks, no tabs), colons, quotes and brackets here and on the line above.");
  }
  return std::move(builder.result);
}

Tree read_yaml(const std::filesystem::path& file, std::vector<Problem>& problems) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    throw PipelineError({file.string(), 0, 0}, "This is a folder, not a file. Name a pipeline file (.yaml) inside it.");
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw PipelineError({file.string(), 0, 0},
                        "The file does not exist or cannot be read. Check the path and its permissions.");
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_yaml(text.str(), file.string(), problems);
}

std::string to_yaml(const Tree& tree, int block_depth) {
  if (!tree.is_map()) return tree.flow() + "\n";
  std::string out;
  write_block(tree, block_depth, 0, out);
  return out;
}

}  // namespace fergraph
