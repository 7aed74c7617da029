#include "nodes/target/log.hpp"

#include <cstring>

namespace fergraph {

StateContract<Log> Log::contract() {
  return StateContract<Log>("log", "rows of whole numbers, in the order in which nodes wrote them")
      .param(&Params::columns, "columns", "numbers per row", at_least(1), required);
}

Log::Log(const Params& params, const Links& /*links*/, const StateScope& scope)
    : name_(scope.name()), columns_(params.columns) {}

void Log::append(const std::vector<std::int64_t>& row) {
  if (static_cast<std::int64_t>(row.size()) != columns_)
    throw std::runtime_error("The log '" + name_ + "' has " + std::to_string(columns_) + " columns, but a row of " +
                             std::to_string(row.size()) + " is to enter it. Give it as many 'columns'.");
  numbers_.insert(numbers_.end(), row.begin(), row.end());
}

Blobs Log::save() const {
  Blob blob{"I64", {rows(), columns_}, {}};
  blob.bytes.resize(numbers_.size() * sizeof(std::int64_t));
  if (!numbers_.empty()) std::memcpy(blob.bytes.data(), numbers_.data(), blob.bytes.size());
  return {{"rows", std::move(blob)}};
}

void Log::restore(const Blobs& blobs) {
  const auto found = blobs.find("rows");
  if (found == blobs.end() || blobs.size() != 1)
    throw RestoreError("The log '" + name_ + "' is saved as one array 'rows', but there are " +
                       std::to_string(blobs.size()) + " arrays.");
  const Blob& blob = found->second;
  const std::size_t size = sizeof(std::int64_t);
  if (blob.dtype != "I64" || blob.shape.size() != 2 || blob.shape[1] != columns_ || blob.shape[0] < 0 ||
      blob.bytes.size() != static_cast<std::size_t>(blob.shape[0] * columns_) * size)
    throw RestoreError("The log '" + name_ + "' takes I64 rows of " + std::to_string(columns_) +
                       " columns, but something else was saved.");
  numbers_.resize(blob.bytes.size() / size);
  if (!numbers_.empty()) std::memcpy(numbers_.data(), blob.bytes.data(), blob.bytes.size());
}

std::optional<NumericArray> Log::numbers() const {
  NumericArray out;
  out.shape = {rows(), columns_};
  out.values = numbers_;
  return out;
}

Contract<ClearLog> ClearLog::contract() {
  return Contract<ClearLog>("clear_log", "empties a log").state(&State::log, "log", "the log");
}

}  // namespace fergraph
