// A pipeline file with everything that is merged into it: `use`, --data and --set, in the order in which the later
// wins.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graph/tree.hpp"

namespace fergraph {

/// The format version of pipeline files that this program reads.
inline constexpr int pipeline_format_version = 1;

/// The names of the top-level keys of a pipeline file.
const std::vector<std::string>& document_keys();

struct LoadOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> data;  // merged over the file, in this order
  std::vector<std::string> settings;        // "a.b=c", merged last; a path without a section means `params`. Keys that
                                            // hold dots (records, terms) are found by what the pipeline has
};

/// The merged tree: no `use` and no `after` left; `$name` not yet inserted, so that it reads as the files do and can be
/// run again as it is.
struct Document {
  Tree root;
  std::vector<std::filesystem::path> files;  // all that were read, in the order of merging
  /// What is wrong but leaves enough to go on with: repeated and unknown keys, an `after` that names nothing. The check
  /// lists it with what it finds itself.
  std::vector<Problem> problems;
};

/// Throws PipelineError where nothing sensible is left to check: file not found, wrong YAML, cyclic `use`, a format
/// version that is not this program's, a setting that names no parameter or is not of the form a.b=c.
Document load_document(const LoadOptions& options);

/// `over` merged onto `base` by the rules of pipeline files: maps key by key, lists and scalars replace, `name: ~`
/// deletes (in `params` it is a value: nothing), a changed `node:` or `kind:` replaces the whole entry, an entry that
/// overrides keeps its place, a new one goes to the end or behind the one that its `after:` names. An `after` that
/// names nothing, or stands where it has no meaning, is added to `problems`.
void merge_document(Tree& base, const Tree& over, std::vector<Problem>& problems);

/// The tree with every `$name` (a whole value) and `${name}` (inside a text) replaced by the parameter of that name;
/// parameters may refer to each other. Unknown and cyclic names are added to `problems`; nothing stands in their place.
Tree insert_parameters(const Tree& root, std::vector<Problem>& problems);

/// One difference between two documents: where (a.b.c), and what stands there in each ("" where nothing does).
struct Difference {
  std::string where;
  std::string first;
  std::string second;
};
std::vector<Difference> differences(const Tree& first, const Tree& second);

}  // namespace fergraph
