// The parts of a sweep file, read one key at a time; what is wrong is gathered, and reading goes on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/sweep_file.hpp"

namespace fergraph {

class SweepReader {
 public:
  /// `params`: the map of the sweep's parameters, or nullptr. Paths begin at `folder`.
  SweepReader(std::filesystem::path folder, const Tree* params, std::vector<Problem>& problems)
      : folder_(std::move(folder)), params_(params), problems_(problems) {}

  /// What `map` says of the cells below it. Its keys must be among `keys`, which are all that are told as known;
  /// `where`: what it is, for messages.
  SweepPart part(const Tree& map, const std::vector<std::string>& keys, const std::string& where);
  /// The rows (or columns) below `map`, those of groups included; `inner` is the key under which a group has them.
  std::vector<SweepHeading> headings(const Tree& map, const std::string& inner);
  /// Whole numbers from 0 on, each once; or how many, which are 1 to that.
  std::vector<std::uint64_t> seeds(const Tree& value);
  /// "52.43 ± 2.24", "52.43"; nothing for `~`.
  std::optional<PaperNumber> paper_number(const Tree& value);

  void complain(const Place& place, std::string message) { problems_.push_back({place, std::move(message)}); }
  /// A text of one line, or what stands there instead is told.
  std::optional<std::string> word(const Tree& value, const std::string& of);
  void expect_keys(const Tree& map, const std::vector<std::string>& known, const std::string& where);

 private:
  Tree inserted(const Tree& value);
  Tree parameter(const Tree& value, const Tree& user);
  std::optional<NamedFile> file(const Tree& value, const std::string& of);
  std::vector<NamedFile> files(const Tree& value, const std::string& of);
  std::vector<SweepSetting> settings(const Tree& value);
  std::optional<SweepEvaluation> evaluation(const Tree& value);
  void add_headings(const Tree::Member& member, const std::string& inner, const SweepHeading& above,
                    std::vector<SweepHeading>& out);
  void add_grid(const Tree& grid, const std::string& inner, const SweepHeading& above, std::vector<SweepHeading>& out);

  std::filesystem::path folder_;
  const Tree* params_;
  std::vector<Problem>& problems_;
  int depth_ = 0;  // of parameters that insert parameters
};

/// The keys of every part.
const std::vector<std::string>& sweep_part_keys();

}  // namespace fergraph
