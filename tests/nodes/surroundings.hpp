// What states and nodes are made and called with in these tests.
#pragma once

#include <torch/types.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>

#include "nodes/network/network.hpp"
#include "nodes/target/table.hpp"

namespace fergraph::test {

class Scope : public StateScope {
 public:
  explicit Scope(std::string name = "net", std::uint64_t seed = 7) : name_(std::move(name)), seed_(seed) {}
  const std::string& name() const override { return name_; }
  const std::string& device() const override { return device_; }
  std::uint64_t seed() const override { return seed_; }
  const Tree* parameter(const std::string& key) const override {
    const auto found = parameters.find(key);
    return found == parameters.end() ? nullptr : &found->second;
  }
  const StreamSamples& stream(const std::string& key, const Place& place) const override {
    const auto found = streams.find(key);
    if (found == streams.end()) throw PipelineError(place, "There is no stream '" + key + "'.");
    return found->second;
  }

  std::map<std::string, Tree> parameters;
  std::map<std::string, StreamSamples> streams;

 private:
  std::string name_;
  std::string device_ = "cpu";
  std::uint64_t seed_;
};

inline std::unique_ptr<Network> tinynet(const std::string& name = "net", Network::Params params = {}) {
  params.backbone = BackboneName::tinynet;
  if (params.classes == 0) params.classes = 7;
  return std::make_unique<Network>(params, Network::Links{}, Scope(name));
}

inline std::unique_ptr<Network> copy_of(const Network& net, const std::string& name = "teacher") {
  return std::make_unique<Network>(Network::Params{}, Network::Links{&net}, Scope(name));
}

/// A table that holds these numbers.
inline std::unique_ptr<Table> table(const torch::Tensor& values) {
  Table::Params params;
  for (const std::int64_t size : values.sizes()) params.axes.push_back({std::to_string(size), {}});
  const torch::ScalarType type = values.scalar_type();
  params.dtype = type == torch::kFloat64 ? TableDtype::float64
                 : type == torch::kInt64 ? TableDtype::int64
                 : type == torch::kBool  ? TableDtype::boolean
                                         : TableDtype::float32;
  auto made = std::make_unique<Table>(params, Table::Links{}, Scope("table"));
  made->values().copy_(values);
  return made;
}

inline torch::Tensor find(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  throw std::logic_error("no tensor '" + name + "'");
}

/// uint8 [n,8,8,3] of a fixed pattern.
inline torch::Tensor pixels(std::int64_t n, std::int64_t shift = 0, std::int64_t size = 8) {
  return (torch::arange(n * size * size * 3) * 37 + shift * 11)
      .remainder(251)
      .to(torch::kUInt8)
      .reshape({n, size, size, 3});
}

inline torch::Tensor floats(std::vector<std::vector<float>> rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(torch::tensor(row));
  return torch::stack(tensors);
}
inline torch::Tensor integers(const std::vector<std::int64_t>& numbers) {
  return torch::tensor(numbers, torch::kInt64);
}
inline torch::Tensor booleans(const std::vector<std::int64_t>& numbers) { return integers(numbers).to(torch::kBool); }

inline bool close(const torch::Tensor& a, const torch::Tensor& b, double tolerance = 1e-6) {
  const bool same = a.sizes() == b.sizes() && torch::allclose(a.detach().to(torch::kFloat64),
                                                              b.detach().to(torch::kFloat64), tolerance, tolerance);
  if (!same) BOOST_TEST_MESSAGE("actual:\n" << a << "\nexpected:\n" << b);
  return same;
}
inline bool same_numbers(const torch::Tensor& a, const torch::Tensor& b) { return close(a, b, 0); }

/// Whether the call throws an exception whose message contains `part`.
template <class Error = std::exception, class Call>
bool fails_with(const std::string& part, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    const bool found = std::string(error.what()).find(part) != std::string::npos;
    if (!found) BOOST_TEST_MESSAGE("message: " << error.what());
    return found;
  }
  return false;
}

inline Context context(const std::string& node = "step.node", std::int64_t iteration = 1) {
  Context made;
  made.node = node;
  made.name = name_hash(node);
  made.seed = 3;
  made.position = iteration;
  return made;
}

}  // namespace fergraph::test
