// What an operation of a view is, and how files write lists of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/parameter.hpp"
#include "graph/random.hpp"
#include "nodes/augment/canvas.hpp"

namespace fergraph {

/// One operation of a view. Made once from the file, called by several threads at a time.
class Operation {
 public:
  virtual ~Operation() = default;
  /// Changes the canvas; draws come from the sample's own sequence and from nowhere else.
  virtual void apply(Canvas& canvas, Random& random) const = 0;
  /// Throws PipelineError, at this place, where parameters contradict each other.
  virtual void check(const Place&) const {}

  double probability = 1;  // that a view gets it
};

/// A kind of operation, as files name it.
struct OperationType {
  std::string name;
  std::string doc;
  std::vector<ParameterInfo> parameters;  // a lone value is the first one's: {flip: 0.5}
  std::function<std::shared_ptr<Operation>()> make;
  void* (*fields)(Operation& operation) = nullptr;  // the struct whose members the parameters set
};

/// Describes the operation O by its members; every operation also has `probability`, the last parameter.
template <class O>
class OperationContract {
 public:
  OperationContract(std::string name, std::string doc) {
    type_.name = std::move(name);
    type_.doc = std::move(doc);
    type_.make = [] { return std::make_shared<O>(); };
    type_.fields = [](Operation& operation) -> void* { return &static_cast<O&>(operation); };
  }
  template <class Owner, class T, class... Options>
  OperationContract&& param(T Owner::*inherited, std::string name, std::string doc, const Options&... options) && {
    T O::*member = inherited;
    type_.parameters.push_back(detail::describe_parameter(member, std::move(name), std::move(doc), options...));
    return std::move(*this);
  }
  OperationType type() && {
    // An operation that is mostly given by its probability tells it first.
    if (type_.parameters.empty() || type_.parameters.front().name != "probability")
      std::move(*this).param(&Operation::probability, "probability", "how often it is applied", in_range(0, 1));
    return std::move(type_);
  }

 private:
  OperationType type_;
};

/// All kinds, in the order in which they are documented.
const std::vector<OperationType>& operation_types();

/// What `fergraph nodes` tells of them.
std::string described_operations();

/// An operation as a file writes it: {flip: 0.5}, {crop: {padding: 4, probability: 0.5}}, {equalize: ~}, equalize.
struct ViewOperation {
  std::shared_ptr<const Operation> operation;
  std::string text;  // as it was written
};

template <>
struct Codec<ViewOperation> {
  static ViewOperation parse(const Tree& tree, const Tree* params);
  static std::string type() { return "operation"; }
  static std::string show(const ViewOperation& operation) { return operation.text; }
  static constexpr const char* schema = "object";
};

/// A list of operations; all that is wrong in it is told at once.
template <>
struct Codec<std::vector<ViewOperation>> {
  static std::vector<ViewOperation> parse(const Tree& tree, const Tree* params);
  static std::string type() { return "list of operations"; }
  static std::string show(const std::vector<ViewOperation>& operations);
  static constexpr const char* schema = "array";
};

}  // namespace fergraph
