// A YAML file as a tree in which every value knows its place: what documents are merged from and checked against.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/problem.hpp"

namespace fergraph {

/// A scalar, a list, a map (ordered as written) or nothing (`~`).
class Tree {
 public:
  enum class Kind { nothing, scalar, list, map };
  struct Member;

  Kind kind = Kind::nothing;
  Place place;
  std::string text;             // of a scalar
  bool quoted = false;          // the scalar was written in quotes: a word, never a number
  bool told = false;            // its problem is told already, so nobody is to complain about it again
  std::vector<Tree> items;      // of a list
  std::vector<Member> members;  // of a map

  bool is_nothing() const { return kind == Kind::nothing; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }

  /// The value under `key` of a map, or nullptr.
  const Tree* find(const std::string& key) const;
  Tree* find(const std::string& key);
  void erase(const std::string& key);
  std::vector<std::string> keys() const;

  /// "a map", "a list", "'x'" for a word: for messages.
  std::string described() const;
  /// YAML in flow style on one line, as it would be typed after `key: `.
  std::string flow() const;
  /// Equal in content; places do not matter.
  bool same(const Tree& other) const;

  static Tree scalar(std::string text, Place place = {});
};

struct Tree::Member {
  std::string key;
  Place key_place;
  Tree value;
};

/// Parses one YAML document. Throws PipelineError with the place: wrong YAML, more than one document, aliases that
/// multiply without measure. Duplicate keys and keys that are no plain words are added to `problems`, and what stands
/// under them is left out, so that the rest of the file can be checked too.
Tree parse_yaml(const std::string& text, const std::string& file, std::vector<Problem>& problems);
/// The same, but throws for those as well.
Tree parse_yaml(const std::string& text, const std::string& file);

/// Reads and parses a file. Throws PipelineError where it cannot be read.
Tree read_yaml(const std::filesystem::path& file, std::vector<Problem>& problems);

/// YAML in block style: maps down to `block_depth` levels on lines of their own, everything deeper in flow style.
std::string to_yaml(const Tree& tree, int block_depth = 3);

}  // namespace fergraph
