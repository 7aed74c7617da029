#include "nodes/target/table.hpp"

#include <boost/test/unit_test.hpp>

#include "nodes/target/table_rows.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(tables)

namespace {

Scope scope() {
  Scope made("bank");
  made.parameters["classes"] = Tree::scalar("3");
  made.streams["labeled"] = {4, {2, 0, 1, -1}};
  made.streams["unlabeled"] = {5, {}};
  return made;
}

Table::Params params(const std::vector<std::string>& axes, const std::string& init = "0",
                     TableDtype dtype = TableDtype::float32) {
  Table::Params made;
  for (const std::string& axis : axes) made.axes.push_back({axis, {"file.yaml", 3, 5}});
  made.init = Codec<TableInit>::parse(Tree::scalar(init), nullptr);
  made.dtype = dtype;
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(axes_have_the_sizes_of_what_they_name) {
  const auto net = tinynet();
  BOOST_TEST((Table(params({"classes", "features"}), {net.get()}, scope()).values().sizes().vec() ==
              std::vector<std::int64_t>{3, 128}));
  BOOST_TEST(
      (Table(params({"unlabeled", "classes"}), {}, scope()).values().sizes().vec() == std::vector<std::int64_t>{5, 3}));
  BOOST_TEST(same_numbers(Table(params({"2"}, "0.5"), {}, scope()).values(), torch::full({2}, 0.5)));
  BOOST_TEST(fails_with("There is no stream 'labelled'.", [] { Table(params({"labelled"}), {}, scope()); }));
  BOOST_TEST(fails_with("file.yaml:3:5", [] { Table(params({"features"}), {}, scope()); }));
  // An error without a place: the run puts the state's before it.
  BOOST_CHECK_EXCEPTION(Table(params({}), {}, scope()), std::exception, [](const std::exception& error) {
    return !dynamic_cast<const PipelineError*>(&error) &&
           std::string(error.what()) == "A table needs at least one axis. Give 'axes', such as [classes] or [labeled].";
  });
}

BOOST_AUTO_TEST_CASE(labels_are_initial_values) {
  const Table labels(params({"labeled"}, "labels", TableDtype::int64), {}, scope());
  BOOST_TEST(same_numbers(labels.values(), integers({2, 0, 1, -1})));
  const Table one_hot(params({"labeled", "classes"}, "one_hot_labels", TableDtype::float64), {}, scope());
  BOOST_TEST(same_numbers(one_hot.values(), floats({{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {0, 0, 0}})));
  BOOST_TEST((one_hot.values().scalar_type() == torch::kFloat64));
  BOOST_TEST(one_hot.numbers()->size() == 12U);
  BOOST_TEST(fails_with("has no labels", [] { Table(params({"unlabeled"}, "labels"), {}, scope()); }));
  BOOST_TEST(fails_with("needs a stream as the first axis", [] { Table(params({"classes"}, "labels"), {}, scope()); }));
  BOOST_TEST(fails_with("needs two axes", [] { Table(params({"labeled"}, "one_hot_labels"), {}, scope()); }));
}

BOOST_AUTO_TEST_CASE(save_and_restore_round_trip) {
  const auto flags = table(booleans({1, 0, 1})), other = table(booleans({0, 0, 0}));
  other->restore(flags->save());
  BOOST_TEST(same_numbers(other->values(), flags->values()));
  BOOST_TEST(fails_with<RestoreError>("The table 'table'", [&] { other->restore(table(torch::zeros({3}))->save()); }));
}

BOOST_AUTO_TEST_CASE(a_sample_that_occurs_twice_has_one_row) {
  const auto made = table(floats({{1, 2}, {3, 4}, {5, 6}}));
  TableRows<float> rows(*made, integers({2, 0, 2}));
  rows.row(0)[1] = 9;
  BOOST_TEST(rows.row(2)[1] == 9);
  BOOST_TEST(same_numbers(rows.gathered(), floats({{5, 9}, {1, 2}, {5, 9}})));
  rows.write_back();
  BOOST_TEST(same_numbers(made->values(), floats({{1, 2}, {3, 4}, {5, 9}})));
}

BOOST_AUTO_TEST_SUITE_END()
