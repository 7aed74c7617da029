// Compares the numbers of a replay with those that a pack expects, term by term.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/pack.hpp"

namespace fergraph {

/// What came of one term (a record's name, or a network's final tensors) over the whole run.
struct TermResult {
  std::int64_t compared = 0;
  std::int64_t failed = 0;
  std::int64_t missing = 0;  // expected, but no record gave it
  std::int64_t exempt = 0;   // excused by a weight that fell into the next bin of its table
  double worst_error = 0;    // relative: |a - b| / max(0.01, max |b|)
  double worst_share = 0;    // of the tolerance
  std::string worst_place;   // "epoch 2, step 3"
  std::string failed_place;  // the first beyond tolerance
};

class Comparison {
 public:
  Comparison(const Pack& pack, bool verbose);

  /// Notes a value of the run; what the pack expects at that place is compared at once.
  void note(Section section, const Clock& clock, const std::string& name, const NumericArray& value);
  /// Compares a network's final arrays.
  void note_final(const std::string& network, const Blobs& arrays);
  /// Counts what was expected and never noted. Call once, at the end.
  void close();

  const std::map<std::string, TermResult>& terms() const { return terms_; }
  bool passed() const;
  std::string table() const;

 private:
  void compare(const std::string& name, const std::string& place, const NumericArray& value,
               const NumericArray& expected, std::int64_t k, bool first_step);
  /// As compare, for weights that were looked up in a table of bins: one in a hundred, but always one, may stand in the
  /// next bin. Returns whether one does.
  bool compare_binned(const std::string& name, const std::string& place, const NumericArray& value,
                      const NumericArray& expected, const NumericArray& table, std::int64_t k);
  /// Compares the losses of the step that has ended, unless a weight of it fell into the next bin.
  void settle_losses();
  void settle(const std::string& name, const std::string& place, double error, double share);

  struct NotedLoss {
    std::string name, place;
    NumericArray value, expected;
    std::int64_t k = 0;
  };

  const Pack& pack_;
  bool verbose_;
  std::int64_t steps_;
  std::int64_t epochs_;
  std::map<std::string, bool> open_;  // paths below /expect, and whether they were noted
  std::map<std::string, TermResult> terms_;
  std::vector<NotedLoss> losses_;  // of the step that runs
  std::string bin_changed_at_;     // the last step in which a weight fell into the next bin
};

}  // namespace fergraph
