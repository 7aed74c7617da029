#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "nodes/register.hpp"
#include "nodes/thread_scope.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(registered)

BOOST_AUTO_TEST_CASE(every_contract_can_be_built_and_is_documented) {
  Registry registry;
  register_nodes(registry);
  for (const auto& type : registry.nodes()) {
    BOOST_TEST_CONTEXT(type->name) {
      BOOST_TEST(!type->doc.empty());
      for (const InputPort& port : type->inputs) {
        BOOST_TEST(!port.doc.empty(), port.name);
        for (const PortForm& form : port.forms) BOOST_TEST((form.type != nullptr), port.name);
      }
      for (const OutputPort& port : type->outputs) {
        BOOST_TEST(!port.doc.empty(), port.name);
        BOOST_TEST((port.value != nullptr), port.name);
        // Parts follow a list: of inputs or of states.
        if (port.parts_of.empty()) continue;
        const InputPort* list = type->input(port.parts_of);
        const StatePort* states = type->state(port.parts_of);
        BOOST_TEST(((list && list->is_list) || (states && states->is_list)), port.name);
      }
      for (const ParameterInfo& parameter : type->parameters) BOOST_TEST(!parameter.doc.empty(), parameter.name);
      for (const StatePort& port : type->states) BOOST_TEST(!port.doc.empty(), port.name);
    }
  }
  for (const auto& type : registry.states()) {
    BOOST_TEST_CONTEXT(type->name) {
      BOOST_TEST(!type->doc.empty());
      for (const ParameterInfo& parameter : type->parameters) BOOST_TEST(!parameter.doc.empty(), parameter.name);
      for (const StateLink& link : type->links) BOOST_TEST(!link.doc.empty(), link.name);
    }
  }
  for (const std::string name : {"forward", "pass", "cross_entropy", "optimize", "number"})
    BOOST_TEST((registry.find_node(name) != nullptr), name);
  for (const std::string name : {"network", "table", "sgd", "adam", "adamw"})
    BOOST_TEST((registry.find_state(name) != nullptr), name);
}

BOOST_AUTO_TEST_CASE(gradients_are_on_in_steps_and_off_in_streams) {
  const TorchThreadScope scope;
  const int threads = at::get_num_threads();
  std::thread([&] {
    bool gradients = true;
    int width = 0;
    const auto look = [&] {
      gradients = torch::GradMode::is_enabled();
      width = at::get_num_threads();
    };
    scope.around(Lane::stream, look);
    BOOST_TEST(!gradients);
    BOOST_TEST(width == 1);
    scope.around(Lane::step, look);
    BOOST_TEST(gradients);
    BOOST_TEST(width == threads);
    const at::NoGradGuard no_grad;
    scope.around(Lane::epoch, look);
    BOOST_TEST(gradients);
    BOOST_TEST(!torch::GradMode::is_enabled());
  }).join();
  BOOST_TEST(at::get_num_threads() == threads);
}

BOOST_AUTO_TEST_SUITE_END()
