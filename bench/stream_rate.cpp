// How many samples a second the engine carries through a stream when the nodes themselves do nothing: keys, credits,
// order and batches included. Beside it a bare flow graph of oneTBB with one message per sample.
// Usage: stream_rate [samples] [repetitions]
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

constexpr int threads = 2;
constexpr int batch_size = 256;

struct Number {
  static constexpr std::string_view type_name = "Number";
  std::int64_t value = 0;
};
struct Numbers {
  static constexpr std::string_view type_name = "Numbers";
  std::vector<std::int64_t> values;
};

struct Numbered {
  struct Out {
    Number number;
  };
  struct Params {
    std::int64_t samples = 1;
  };
  explicit Numbered(const Params& params) : samples(params.samples) {}
  static Contract<Numbered> contract() {
    return Contract<Numbered>("numbered", "Counts.")
        .out(&Out::number, "number", "int64 []", "the number")
        .param(&Params::samples, "samples", "how many");
  }
  std::int64_t size() const { return samples; }
  Out run(const Context& context) const { return {{context.sample}}; }
  std::int64_t samples;
};

struct Nothing {
  struct In {
    Number number;
  };
  struct Out {
    Number number;
  };
  static Contract<Nothing> contract() {
    return Contract<Nothing>("nothing", "Hands on what it gets.")
        .in(&In::number, "number", "int64 []", "a number")
        .out(&Out::number, "number", "int64 []", "the number");
  }
  Out run(const In& in) const { return {in.number}; }
};

struct Take {
  struct In {
    Numbers numbers;
  };
  static Contract<Take> contract() {
    return Contract<Take>("take", "Reads a batch.").in(&In::numbers, "numbers", "int64 [N]", "numbers");
  }
  void run(const In&) const {}
};

double seconds_of(const std::function<void()>& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Samples a second through source, three nodes and batches of 256.
double engine(std::int64_t samples) {
  Registry registry;
  registry.node<Numbered>();
  registry.node<Nothing>();
  registry.node<Take>();
  registry.collate<Number, Numbers>([](std::span<const Number* const> rows) {
    Numbers numbers;
    numbers.values.reserve(rows.size());
    for (const Number* row : rows) numbers.values.push_back(row->value);
    return numbers;
  });
  const std::int64_t steps = samples / batch_size;
  Document document;
  document.root =
      parse_yaml("pipeline: rate\nparams: {epochs: 1, steps: " + std::to_string(steps) +
                     "}\nstreams:\n  s:\n    source: {node: numbered, samples: 100000}\n"
                     "    a: {node: nothing, number: source.number}\n    b: {node: nothing, number: a.number}\n"
                     "    c: {node: nothing, number: b.number}\n"
                     "    batch: {node: batch, size: 256, ahead: 8, items: {number: c.number}}\n"
                     "step:\n  take: {node: take, numbers: s.number}\n",
                 "stream_rate");
  Run run(check_pipeline(document, registry), {.threads = threads});
  return static_cast<double>(steps * batch_size) / seconds_of([&] { run.train(); });
}

// Messages a second through input, limiter and three function nodes.
double peer(std::int64_t samples) {
  struct Message {
    std::int64_t position;
    std::int64_t value;
  };
  using Handle = std::shared_ptr<Message>;
  using Node = tbb::flow::function_node<Handle, Handle>;
  const tbb::global_control control(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(threads);
  double seconds = 0;
  arena.execute([&] {
    tbb::flow::graph graph;
    std::int64_t position = 0;
    tbb::flow::input_node<Handle> input(graph, [&](tbb::flow_control& control_of_input) -> Handle {
      if (position == samples) {
        control_of_input.stop();
        return nullptr;
      }
      const std::int64_t at = position++;
      return std::make_shared<Message>(Message{at, at});
    });
    tbb::flow::limiter_node<Handle, int> limiter(graph, static_cast<std::size_t>(batch_size) * 9);
    const auto same = [](const Handle& message) { return message; };
    Node a(graph, tbb::flow::unlimited, same);
    Node b(graph, tbb::flow::unlimited, same);
    tbb::flow::function_node<Handle, int> c(graph, tbb::flow::unlimited, [](const Handle&) { return 1; });
    tbb::flow::make_edge(input, limiter);
    tbb::flow::make_edge(limiter, a);
    tbb::flow::make_edge(a, b);
    tbb::flow::make_edge(b, c);
    tbb::flow::make_edge(c, limiter.decrementer());
    seconds = seconds_of([&] {
      input.activate();
      graph.wait_for_all();
    });
  });
  return static_cast<double>(samples) / seconds;
}

}  // namespace

int main(int count, char** arguments) {
  const std::int64_t samples = count > 1 ? std::atoll(arguments[1]) : 2'000'000;
  const int repetitions = count > 2 ? std::atoi(arguments[2]) : 5;
  double best = 0;
  double best_of_peer = 0;
  for (int i = 0; i < repetitions; ++i) {
    best = std::max(best, engine(samples));
    best_of_peer = std::max(best_of_peer, peer(samples));
  }
  std::printf("fergraph stream  %10.0f samples/s  (%d threads, 3 no-op nodes, batches of %d, best of %d)\n", best,
              threads, batch_size, repetitions);
  std::printf("bare oneTBB      %10.0f samples/s  (one message per sample, no batches)\n", best_of_peer);
  std::printf("ratio            %10.2f\n", best / best_of_peer);
  return 0;
}
