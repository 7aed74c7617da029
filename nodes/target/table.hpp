// Numbers that last between steps: thresholds, margins, prototypes, banks, weights, labels, counters.
#pragma once

#include "graph/contract.hpp"
#include "nodes/network/network.hpp"

namespace fergraph {

enum class TableDtype { float32, float64, int64, boolean };

template <>
struct Words<TableDtype> {
  static constexpr std::array<std::pair<std::string_view, TableDtype>, 4> all = {{{"float32", TableDtype::float32},
                                                                                  {"float64", TableDtype::float64},
                                                                                  {"int64", TableDtype::int64},
                                                                                  {"bool", TableDtype::boolean}}};
};

/// One axis as the file writes it.
struct TableAxis {
  std::string text;
  Place place;
};

template <>
struct Codec<TableAxis> {
  static TableAxis parse(const Tree& tree, const Tree* params) {
    return {Codec<std::string>::parse(tree, params), tree.place};
  }
  static std::string type() { return "axis"; }
  static std::string show(const TableAxis& axis) { return axis.text; }
  static constexpr const char* schema = "";
};

/// What a table holds at first.
struct TableInit {
  enum class From { number, labels, one_hot_labels };
  From from = From::number;
  double number = 0;
};

template <>
struct Codec<TableInit> {
  static TableInit parse(const Tree& tree, const Tree* params);
  static std::string type() { return "number | labels | one_hot_labels"; }
  static std::string show(const TableInit& init);
  static constexpr const char* schema = "";
};

/// Rows of a stream's axis are keyed by the sample's index in its source. Nodes read and write `values` in place.
class Table : public fergraph::State {
 public:
  static constexpr std::string_view kind_name = "table";

  struct Params {
    std::vector<TableAxis> axes;
    TableDtype dtype = TableDtype::float32;
    TableInit init;
  };
  struct Links {
    const Network* net = nullptr;
  };
  static StateContract<Table> contract();

  /// Throws PipelineError for an axis of unknown size and for initial labels that do not fit the axes, and
  /// std::runtime_error where there is no axis.
  Table(const Params& params, const Links& links, const StateScope& scope);

  const torch::Tensor& values() const { return values_; }
  torch::Tensor& values() { return values_; }

  Blobs save() const override;
  void restore(const Blobs& blobs) override;
  std::optional<NumericArray> numbers() const override;

 private:
  std::string name_;
  torch::Tensor values_;
};

}  // namespace fergraph
