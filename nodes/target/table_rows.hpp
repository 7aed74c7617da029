// Rows of a table on the host, for walks through a batch sample by sample.
#pragma once

#include <string>
#include <unordered_map>

#include "nodes/target/table.hpp"

namespace fergraph {

/// Holds the rows of the samples in a batch as numbers of type T (each sample once, however often it occurs) and writes
/// them back. A table of one axis has rows of one number. Throws std::runtime_error for a sample that the table has no
/// row of.
template <class T>
class TableRows {
 public:
  TableRows(Table& table, const torch::Tensor& index)
      : table_(table), index_(index.to(torch::kCPU, torch::kInt64).contiguous()) {
    const std::int64_t* const samples = index_.data_ptr<std::int64_t>();
    const std::int64_t known = table.values().size(0);
    for (std::int64_t i = 0; i < index_.numel(); ++i) {
      if (samples[i] < 0 || samples[i] >= known)
        throw std::runtime_error("The sample " + std::to_string(samples[i]) + " has no row in a table of " +
                                 std::to_string(known) +
                                 " rows. Make the table's first axis the stream that the index comes from.");
      if (row_of_sample_.emplace(samples[i], static_cast<std::int64_t>(unique_.size())).second)
        unique_.push_back(samples[i]);
    }
    on_device_ = torch::tensor(unique_, torch::kInt64).to(table.values().device());
    rows_ = table.values().index_select(0, on_device_).to(torch::kCPU, c10::CppTypeToScalarType<T>::value).contiguous();
    width_ = unique_.empty() ? 0 : rows_.numel() / static_cast<std::int64_t>(unique_.size());
  }

  /// The numbers of the sample at batch position i.
  T* row(std::int64_t i) { return rows_.template data_ptr<T>() + row_of_sample_.at(sample(i)) * width_; }
  std::int64_t sample(std::int64_t i) const { return index_.data_ptr<std::int64_t>()[i]; }

  /// One row per batch position, as they are now.
  torch::Tensor gathered() const {
    std::vector<std::int64_t> order;
    for (std::int64_t i = 0; i < index_.numel(); ++i) order.push_back(row_of_sample_.at(sample(i)));
    return rows_.index_select(0, torch::tensor(order, torch::kInt64));
  }

  void write_back() {
    torch::Tensor& values = table_.values();
    values.index_copy_(0, on_device_, rows_.to(values.options()));
  }

 private:
  Table& table_;
  torch::Tensor index_, on_device_, rows_;
  std::unordered_map<std::int64_t, std::int64_t> row_of_sample_;
  std::vector<std::int64_t> unique_;
  std::int64_t width_ = 0;
};

}  // namespace fergraph
