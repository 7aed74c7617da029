// What is wrong with a file, and where: every check of the engine speaks through these types.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace fergraph {

/// A position in a file; line and column count from 1, and line 0 stands for the whole file.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  /// `file:line:column`, or the file alone where there is no line.
  std::string text() const;
  bool operator==(const Place&) const = default;
};

/// One thing that is wrong: complete sentences that say what was found, what was expected and what to do.
struct Problem {
  Place place;
  std::string message;

  /// `file:line:column: error: message`.
  std::string text() const;
};

/// A file that does not check. Carries all problems that were found, in the order of their places.
class PipelineError : public std::runtime_error {
 public:
  explicit PipelineError(std::vector<Problem> problems);
  PipelineError(Place place, std::string message);

  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// A run that failed: the message names file, line, node, sample and path, then the cause.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// " Did you mean 'x'?" for the known word nearest to `word`, or nothing where none is near.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

/// "a, b and c", each in quotes; "nothing" for an empty list.
std::string listed(const std::vector<std::string>& words);

}  // namespace fergraph
