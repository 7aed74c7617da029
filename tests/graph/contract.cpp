// What contracts tell of a node's type, by member pointers alone; and the registry that lists them.
#include "graph/contract.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

namespace {

// A port of two types, told apart by what is referred to.
struct Either {
  struct In {
    std::variant<toy::Real, toy::Reals> value;
    std::optional<std::variant<toy::Real, toy::Reals>> more;
  };
  struct Out {
    std::optional<toy::Real> kind;
  };
  static Contract<Either> contract() {
    return Contract<Either>("either", "Takes one of two types.")
        .details("More words.")
        .in(&In::value, "value", "float [] or float [N,C]", "one of two")
        .in(&In::more, "more", "float [N]", "another")
        .out(&Out::kind, "kind", "float []", "which it was");
  }
  Out run(const In& in) const {
    if (in.value.index() == 0 && !in.more) return {};
    return {toy::Real{static_cast<double>(in.value.index())}};
  }
};

template <class Node>
struct Named {
  static Contract<Named> contract() { return Contract<Named>(Node::name, "A node."); }
  void run() const {}
};
struct A {
  static constexpr const char* name = "a";
};

struct ParameterTwice {
  struct Params {
    int a = 0;
    int b = 0;
  };
  static Contract<ParameterTwice> contract() {
    return Contract<ParameterTwice>("twice", "Names two parameters alike.")
        .param(&Params::a, "x", "")
        .param(&Params::b, "x", "");
  }
  void run(const Params&) const {}
};
struct OutputTwice {
  struct Out {
    toy::Real a;
    toy::Real b;
  };
  static Contract<OutputTwice> contract() {
    return Contract<OutputTwice>("twice", "Names two outputs alike.")
        .out(&Out::a, "x", "", "")
        .out(&Out::b, "x", "", "");
  }
  Out run() const { return {}; }
};
struct Reserved {
  struct Params {
    int when = 0;
  };
  static Contract<Reserved> contract() {
    return Contract<Reserved>("reserved", "Takes a word of files.").param(&Params::when, "when", "");
  }
  void run(const Params&) const {}
};

template <class Function>
std::string message_of(Function&& function) {
  try {
    function();
    return "";
  } catch (const std::logic_error& error) {
    return error.what();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(contract)

BOOST_AUTO_TEST_CASE(ports_follow_their_member_types) {
  const auto type = toy::registry().find_node("sum");
  BOOST_TEST(type->input("terms")->is_list);
  BOOST_TEST(!type->input("terms")->is_optional);
  BOOST_TEST(type->input("extra")->is_optional);
  BOOST_TEST(!type->input("extra")->is_list);
  BOOST_TEST(type->output("all")->parts_of == "terms");
  BOOST_TEST(type->output("nothing") == nullptr);
  BOOST_TEST(toy::registry().find_node("blend")->input("terms")->is_weighted);
  BOOST_TEST(toy::registry().find_node("mean_of_all")->input("values")->is_view);
  BOOST_TEST(type->keys() == (std::vector<std::string>{"terms", "extra"}), boost::test_tools::per_element());
  BOOST_TEST(type->output_names() == (std::vector<std::string>{"value", "all"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_variant_port_has_a_form_per_type) {
  const NodeType type = Either::contract().type();
  const InputPort& port = *type.input("value");
  BOOST_TEST(port.forms.size() == 2u);
  BOOST_CHECK(port.forms[0].type == &value_type<toy::Real>);
  BOOST_CHECK(port.forms[1].type == &value_type<toy::Reals>);
  BOOST_TEST(port.forms[0].shape == "float []");
  BOOST_TEST(port.forms[1].axes == (std::vector<std::string>{"N", "C"}), boost::test_tools::per_element());
  BOOST_TEST(type.details == "More words.");

  Either::In in;
  const toy::Reals reals{{1, 2}};
  port.assign(&in.value, 1, &reals, 1);
  BOOST_TEST(std::get<1>(in.value).values.size() == 2u);
  const InputPort& more = *type.input("more");
  BOOST_TEST(more.is_optional);
  const toy::Real real{3};
  more.assign(&in.more, 0, &real, 1);
  BOOST_TEST(std::get<0>(*in.more).value == 3);
}

BOOST_AUTO_TEST_CASE(an_erased_call_fills_the_outputs) {
  const NodeType type = Either::contract().type();
  const Box parameters(*type.parameter_struct);
  const Box states(*type.state_struct);
  const auto node = type.prepare(parameters.get(), {});
  Either::In in;
  Either::Out out;
  type.run(node.get(), &in, &out, parameters.get(), states.get(), Context{});
  BOOST_TEST(type.output("kind")->value(&out.kind) == nullptr);
  in.value = toy::Reals{};
  type.run(node.get(), &in, &out, parameters.get(), states.get(), Context{});
  BOOST_TEST(static_cast<const toy::Real*>(type.output("kind")->value(&out.kind))->value == 1);
}

BOOST_AUTO_TEST_CASE(parameters_show_type_default_and_limits) {
  const auto type = toy::registry().find_node("limited");
  const ParameterInfo& share = *type->parameter("share");
  BOOST_TEST(share.type == "number");
  BOOST_TEST(share.default_text == "0.5");
  BOOST_TEST(share.limits.front().text == "lie in 0 … 1");
  BOOST_TEST(type->parameter("rate")->is_formula);
  BOOST_TEST(type->parameter("many")->default_text == "[]");
  const auto touch = toy::registry().find_node("touch");
  const ParameterInfo& mode = *touch->parameter("mode");
  BOOST_TEST(mode.words == (std::vector<std::string>{"look", "change"}), boost::test_tools::per_element());
  BOOST_TEST(toy::registry().find_node("hook")->parameter("name")->is_required);
}

BOOST_AUTO_TEST_CASE(roles_follow_from_what_a_node_can_do) {
  const Registry registry = toy::registry();
  BOOST_TEST(registry.find_node("count")->is_source());
  BOOST_TEST(!registry.find_node("count")->is_sink());
  BOOST_TEST(registry.find_node("keep")->is_sink());
  BOOST_TEST(!registry.find_node("add")->is_source());
}

BOOST_AUTO_TEST_CASE(states_tell_kinds_links_and_access) {
  const Registry registry = toy::registry();
  const auto cell = registry.find_state("cell");
  BOOST_TEST(cell->link("of")->is_list);
  BOOST_TEST(cell->link("of")->owns);
  BOOST_TEST(!cell->link("copy_of")->owns);
  BOOST_TEST(cell->is_a(typeid(toy::Cell)));
  BOOST_TEST(!cell->is_a(typeid(toy::Note)));
  BOOST_CHECK(registry.find_node("get")->state("cell")->access == Access::read);
  BOOST_CHECK(registry.find_node("put")->state("cell")->access == Access::write);
  BOOST_TEST(registry.find_node("put")->state("cell")->is_list);
  BOOST_TEST(registry.find_node("touch")->state("cell")->access_depends);
  BOOST_TEST(registry.find_node("get")->state("cell")->kind_doc == "cell");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(a_name_is_taken_once) {
  Registry registry;
  registry.node<Named<A>>();
  BOOST_TEST(message_of([&] { registry.node<Named<A>>(); }) == "A node named 'a' is registered already.");
  registry.state<toy::Note>();
  BOOST_TEST(message_of([&] { registry.state<toy::Note>(); }) == "A state kind named 'note' is registered already.");
  const auto collate = [](std::span<const toy::Real* const>) { return toy::Reals{}; };
  registry.collate<toy::Real, toy::Reals>(collate);
  BOOST_TEST(message_of([&] { registry.collate<toy::Real, toy::Reals>(collate); }) ==
             "Batches of 'Real' are registered already.");
}

BOOST_AUTO_TEST_CASE(a_contract_names_each_thing_once_and_no_word_of_files) {
  Registry registry;
  BOOST_TEST(message_of([&] { registry.node<ParameterTwice>(); }) == "The contract of 'twice' declares 'x' twice.");
  BOOST_TEST(message_of([&] { registry.node<OutputTwice>(); }) == "The contract of 'twice' declares 'x' twice.");
  BOOST_TEST(message_of([&] { registry.node<Reserved>(); }) ==
             "The contract of 'reserved' declares 'when', which has a meaning of its own in files.");
}

BOOST_AUTO_TEST_CASE(names_are_listed_in_order_and_types_outlive_the_registry) {
  std::shared_ptr<const NodeType> type;
  {
    const Registry registry = toy::registry();
    const auto names = registry.node_names();
    BOOST_TEST(std::is_sorted(names.begin(), names.end()));
    BOOST_TEST(registry.nodes().front()->name == "count");
    type = registry.find_node("add");
    BOOST_TEST(registry.find_node("none") == nullptr);
  }
  BOOST_TEST(type->name == "add");
}

BOOST_AUTO_TEST_CASE(a_pipeline_outlives_its_registry) {
  const Pipeline pipeline = toy::checked(
      "pipeline: p\nparams: {epochs: 1, steps: 1}\nstep:\n  a: {node: constant, value: 2}\n", toy::registry());
  BOOST_TEST(pipeline.section(Section::step).nodes.front().type->name == "constant");
}

BOOST_AUTO_TEST_SUITE_END()
