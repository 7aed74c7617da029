// What the engine adds to a step: the time to fire an empty graph of 30 nodes, in one lane and in two. Beside it 30
// bare continue_nodes of oneTBB with the same edges. Usage: step_firing [firings] [repetitions]
#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "graph/run.hpp"

namespace {

using namespace fergraph;

struct Number {
  static constexpr std::string_view type_name = "Number";
  std::int64_t value = 0;
};

struct Begin {
  struct Out {
    Number number;
  };
  static Contract<Begin> contract() {
    return Contract<Begin>("begin", "A number.").out(&Out::number, "number", "int64 []", "the number");
  }
  Out run() const { return {}; }
};

struct Join {
  struct In {
    std::vector<Number> numbers;
  };
  struct Out {
    Number number;
  };
  static Contract<Join> contract() {
    return Contract<Join>("join", "Hands on a number.")
        .in(&In::numbers, "numbers", "int64 []", "numbers")
        .out(&Out::number, "number", "int64 []", "the first of them");
  }
  Out run(const In& in) const { return {in.numbers.front()}; }
};

// Two chains as of two networks' branches, joined at every fifth node.
std::string yaml(std::int64_t firings) {
  std::string text = "pipeline: firing\nparams: {epochs: 1, steps: " + std::to_string(firings) + "}\nstep:\n";
  for (int i = 0; i < 30; ++i) {
    const auto number = [](int node) { return "n" + std::to_string(node) + ".number"; };
    text += "  n" + std::to_string(i) + ": ";
    if (i < 2)
      text += "{node: begin}\n";
    else if (i % 5 == 0)
      text += "{node: join, numbers: [" + number(i - 1) + ", " + number(i - 2) + "]}\n";
    else
      text += "{node: join, numbers: " + number(i - 2) + "}\n";
  }
  return text;
}

Pipeline pipeline(std::int64_t firings) {
  Registry registry;
  registry.node<Begin>();
  registry.node<Join>();
  Document document;
  document.root = parse_yaml(yaml(firings), "step_firing");
  return check_pipeline(document, registry);
}

double microseconds_of(std::int64_t firings, const std::function<void()>& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() /
         static_cast<double>(firings);
}

double engine(std::int64_t firings, int lanes) {
  Run run(pipeline(firings), {.threads = 1, .lanes = lanes});
  return microseconds_of(firings, [&] { run.train(); });
}

double peer(std::int64_t firings) {
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;
  const Pipeline plan = pipeline(1);
  const std::vector<NodePlan>& nodes = plan.section(Section::step).nodes;
  const tbb::global_control control(tbb::global_control::max_allowed_parallelism, 2);
  tbb::task_arena arena(2);
  double microseconds = 0;
  arena.execute([&] {
    tbb::flow::graph graph;
    tbb::flow::broadcast_node<tbb::flow::continue_msg> start(graph);
    std::vector<std::unique_ptr<Node>> bare;
    for (const NodePlan& node : nodes) {
      bare.push_back(std::make_unique<Node>(graph, [](const tbb::flow::continue_msg&) {}));
      if (node.after.empty()) tbb::flow::make_edge(start, *bare.back());
      for (const int before : node.after) tbb::flow::make_edge(*bare[static_cast<std::size_t>(before)], *bare.back());
    }
    microseconds = microseconds_of(firings, [&] {
      for (std::int64_t i = 0; i < firings; ++i) {
        start.try_put(tbb::flow::continue_msg());
        graph.wait_for_all();
      }
    });
  });
  return microseconds;
}

}  // namespace

int main(int count, char** arguments) {
  const std::int64_t firings = count > 1 ? std::atoll(arguments[1]) : 20'000;
  const int repetitions = count > 2 ? std::atoi(arguments[2]) : 5;
  double one = 1e9;
  double two = 1e9;
  double bare = 1e9;
  for (int i = 0; i < repetitions; ++i) {
    one = std::min(one, engine(firings, 1));
    two = std::min(two, engine(firings, 2));
    bare = std::min(bare, peer(firings));
  }
  std::printf("fergraph step, 1 lane    %7.2f µs per firing  (30 empty nodes, best of %d)\n", one, repetitions);
  std::printf("fergraph step, 2 lanes   %7.2f µs per firing\n", two);
  std::printf("bare oneTBB, 2 threads   %7.2f µs per firing  (30 continue_nodes, the same edges)\n", bare);
  std::printf("ratio at two lanes       %7.2f\n", two / bare);
  return 0;
}
