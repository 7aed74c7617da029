// The source `photograph_list`: photographs that whoever reads the stream names, and may change between two readings.
#pragma once

#include <memory>
#include <optional>

#include "graph/contract.hpp"
#include "nodes/face/photograph.hpp"

namespace fergraph {

/// Not for pipeline files: it is registered by a program that has photographs to be looked at (report/model/predictor).
class PhotographList {
 public:
  struct Out {
    Photograph photo;
    std::optional<Box2d> box;             // never present, as are
    std::optional<FivePoints> landmarks;  // these
  };
  static Contract<PhotographList> contract();

  /// What the next reader of the stream gets. Not to be called while one is at work.
  void show(std::shared_ptr<const SampleTable> photographs) { table_ = std::move(photographs); }

  std::int64_t size() const { return table_ ? static_cast<std::int64_t>(table_->samples.size()) : 0; }
  std::vector<std::int64_t> labels() const;
  std::string sample_name(std::int64_t index) const;
  Out run(const Context& context) const;

 private:
  std::shared_ptr<const SampleTable> table_;
};

}  // namespace fergraph
