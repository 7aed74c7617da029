// Rows of whole numbers, in the order in which they came.
#pragma once

#include "graph/contract.hpp"

namespace fergraph {

/// What happened to which sample, to be looked at: no node computes with it.
class Log : public fergraph::State {
 public:
  static constexpr std::string_view kind_name = "log";

  struct Params {
    std::int64_t columns = 1;
  };
  struct Links {};
  static StateContract<Log> contract();
  Log(const Params& params, const Links& links, const StateScope& scope);

  std::int64_t rows() const { return static_cast<std::int64_t>(numbers_.size()) / columns_; }
  std::int64_t columns() const { return columns_; }
  /// Throws std::runtime_error where the row has another number of columns.
  void append(const std::vector<std::int64_t>& row);
  void clear() { numbers_.clear(); }

  Blobs save() const override;
  void restore(const Blobs& blobs) override;
  std::optional<NumericArray> numbers() const override;

 private:
  std::string name_;
  std::int64_t columns_;
  std::vector<std::int64_t> numbers_;  // row-major
};

/// Empties a log.
struct ClearLog {
  struct State {
    Write<Log> log;
  };
  static Contract<ClearLog> contract();
  void run(const State& states) const { states.log->clear(); }
};

}  // namespace fergraph
