// Streams: the same batches whatever the threads do, bounded in flight, and an end to every failure.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <set>
#include <thread>

#include "graph/run.hpp"
#include "tests/graph/toy_nodes.hpp"

using namespace fergraph;

namespace {

struct Log : RunObserver {
  std::map<std::string, std::vector<double>> values;
  std::vector<std::string> voids;
  void recorded(Section, const Clock&, const std::vector<RecordedValue>& recorded) override {
    for (const RecordedValue& value : recorded) {
      const auto numbers = value.numbers();
      for (std::size_t i = 0; i < numbers->size(); ++i) values[*value.name].push_back(numbers->at(i));
    }
  }
  void void_sample(const VoidSample& sample) override {
    voids.push_back(sample.stream + " " + sample.name + ": " + sample.reason);
  }
};

// Trains on one stream `s` of one item; `all` records every value of every batch.
std::string yaml_of(const std::string& source, const std::string& nodes, const std::string& item,
                    const std::string& batch, const std::string& steps, const std::string& epochs = "1") {
  return "pipeline: p\nparams: {epochs: " + epochs + ", steps: " + steps +
         "}\nstreams:\n  s:\n    source: {node: count, " + source + "}\n" + nodes + "    batch: {node: batch, " +
         batch + ", items: {v: " + item + "}}\nstep:\n  a: {node: rows, values: s.v}\n" +
         "records: {all: a.all, size: a.count}\n";
}

// Shows every row of a batch.
struct Rows {
  struct In {
    toy::Reals values;
  };
  struct Out {
    toy::Reals all;
    toy::Real count;
  };
  static Contract<Rows> contract() {
    return Contract<Rows>("rows", "Shows the rows of a batch.")
        .in(&In::values, "values", "float [N]", "numbers")
        .out(&Out::all, "all", "float [N]", "the numbers")
        .out(&Out::count, "count", "float []", "how many");
  }
  Out run(const In& in) const { return {in.values, {static_cast<double>(in.values.values.size())}}; }
};

// Stands for something large, such as a decoded photograph: counts how many there are at once.
struct Weight {
  static inline std::atomic<int> alive{0}, most{0};
  Weight() {
    int seen = ++alive;
    for (int known = most; seen > known && !most.compare_exchange_weak(known, seen);) continue;
  }
  ~Weight() { --alive; }
};
struct Heavy {
  static constexpr std::string_view type_name = "Heavy";
  std::shared_ptr<Weight> weight;
  double value = 0;
};
struct Load {
  struct In {
    toy::Real x;
  };
  struct Out {
    Heavy load;
  };
  static Contract<Load> contract() {
    return Contract<Load>("load", "Loads something heavy.")
        .in(&In::x, "x", "float []", "its number")
        .out(&Out::load, "load", "heavy", "the load");
  }
  Out run(const In& in) const { return {{std::make_shared<Weight>(), in.x.value}}; }
};
struct Weigh {
  struct In {
    Heavy load;
  };
  struct Out {
    toy::Real value;
  };
  static Contract<Weigh> contract() {
    return Contract<Weigh>("weigh", "Reads the number of a load.")
        .in(&In::load, "load", "heavy", "the load")
        .out(&Out::value, "value", "float []", "its number");
  }
  Out run(const In& in) const { return {{in.load.value}}; }
};

// Gives even numbers only.
struct Even {
  struct In {
    toy::Real x;
  };
  struct Out {
    std::optional<toy::Real> value;
  };
  static Contract<Even> contract() {
    return Contract<Even>("even", "Even numbers.")
        .in(&In::x, "x", "float []", "a number")
        .out(&Out::value, "value", "float []", "the number where it is even");
  }
  Out run(const In& in) const {
    if (static_cast<std::int64_t>(in.x.value) % 2) return {};
    return {in.x};
  }
};

Registry registry() {
  Registry registry = toy::registry();
  registry.node<Rows>();
  return registry;
}

Pipeline checked(const std::string& yaml) { return toy::checked(yaml, registry()); }

Log trained(const std::string& yaml, RunOptions options = {}) {
  Log log;
  options.observer = &log;
  Run run(checked(yaml), options);
  run.train();
  return log;
}

std::string failure_of(const std::string& yaml, RunOptions options) {
  try {
    trained(yaml, options);
    return "";
  } catch (const RunError& error) {
    return error.what();
  }
}

// A feed of the whole layout, opened by hand.
std::unique_ptr<Feed> opened(StreamReader& reader, Section section = Section::step, Order order = Order::sequential) {
  FeedRequest request;
  request.section = section;
  request.reader = "test";
  request.items.assign(reader.items().size(), true);
  request.order = order;
  return reader.open(request);
}

// A stream made ready without a run.
struct Bench {
  explicit Bench(const std::string& yaml, int threads = 2, std::stop_token stop = {})
      : pipeline(checked(yaml)), arena(threads + 1, 1) {
    environment.arena = &arena;
    environment.threads = threads;
    environment.stop = stop;
    environment.on_void = [this](const VoidSample&) { ++voids; };
    std::vector<PreparedNode> nodes;
    for (const NodePlan& plan : pipeline.streams.front().nodes)
      nodes.push_back({&plan, plan.type->prepare(plan.parameters.get(), {}),
                       std::make_shared<Box>(*plan.type->state_struct), name_hash(plan.qualified)});
    stream.emplace(pipeline.streams.front(), std::move(nodes), environment);
  }
  tbb::global_control parallelism{tbb::global_control::max_allowed_parallelism, 6};
  Pipeline pipeline;
  tbb::task_arena arena;
  StreamEnvironment environment;
  std::atomic<int> voids{0};
  std::optional<StreamRun> stream;
};

std::vector<double> numbers(const Batch& batch) { return batch.find<toy::Reals>("v")->values; }

}  // namespace

BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(batches_are_the_same_for_any_number_of_threads) {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    Random random(5, 1, seed);
    const std::int64_t samples = 1 + random.below(40);
    std::string voids;
    for (std::int64_t i = 1; i < samples; ++i)
      if (random.chance(0.2)) voids += (voids.empty() ? "" : ", ") + std::to_string(i);
    const std::string yaml = yaml_of("samples: " + std::to_string(samples) + ", void_at: [" + voids + "]",
                                     "    moved: {node: jitter, x: source.value}\n", "moved.value",
                                     "size: " + std::to_string(1 + random.below(12)) +
                                         ", order: " + (random.chance(0.5) ? "shuffled" : "sequential") +
                                         ", last: " + (random.chance(0.5) ? "drop" : "keep") +
                                         ", ahead: " + std::to_string(1 + random.below(4)),
                                     "12");
    const Log one = trained(yaml, {.seed = seed, .threads = 1});
    for (const int threads : {2, 4}) {
      const Log more = trained(yaml, {.seed = seed, .threads = threads});
      BOOST_TEST_CONTEXT(yaml) {
        BOOST_TEST(one.values.at("all") == more.values.at("all"), boost::test_tools::per_element());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pass_sees_each_sample_once_and_the_next_in_another_order) {
  const Log log = trained(yaml_of("samples: 12", "", "source.value", "size: 4", "s", "3"), {.threads = 4});
  const auto& all = log.values.at("all");
  BOOST_REQUIRE(all.size() == 36u);
  std::set<std::vector<double>> orders;
  for (std::size_t pass = 0; pass < 3; ++pass) {
    const std::vector<double> order(all.begin() + static_cast<std::ptrdiff_t>(pass * 12),
                                    all.begin() + static_cast<std::ptrdiff_t>(pass * 12 + 12));
    BOOST_TEST(std::set<double>(order.begin(), order.end()).size() == 12u);
    orders.insert(order);
  }
  BOOST_TEST(orders.size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_pass_is_dropped_or_kept) {
  const auto sizes = [](const std::string& last) {
    return trained(yaml_of("samples: 5", "", "source.value", "size: 2, order: sequential, last: " + last, "6")).values;
  };
  BOOST_TEST(sizes("drop").at("all") == (std::vector<double>{0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(sizes("keep").at("size") == (std::vector<double>{2, 2, 1, 2, 2, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stream_shorter_than_a_batch_reaches_over_passes) {
  const std::string batch = "size: 4, order: sequential, last: ";
  BOOST_TEST(trained(yaml_of("samples: 3", "", "source.value", batch + "drop", "3")).values.at("all") ==
                 (std::vector<double>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(trained(yaml_of("samples: 3", "", "source.value", batch + "keep", "2")).values.at("size") ==
                 (std::vector<double>{3, 3}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(voids_that_leave_less_than_a_batch_do_not_stall_it) {
  // Five samples are there of ten, and a batch takes eight: a pass alone would never fill one.
  const Log log =
      trained(yaml_of("samples: 10, void_at: [0, 2, 4, 6, 8]", "", "source.value", "size: 8, order: sequential", "2"),
              {.threads = 2});
  BOOST_TEST(log.values.at("all") == (std::vector<double>{1, 3, 5, 7, 9, 1, 3, 5, 7, 9, 1, 3, 5, 7, 9, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stream_of_voids_alone_fails) {
  const std::string message =
      "test.yaml:5:5: error: The stream 's' could not deliver a single one of its 3 samples. Check the paths, and the "
      "run's voids; "
      "the last of them was: void on purpose";
  const std::string source = "samples: 3, void_at: [0, 1, 2]";
  for (const int threads : {1, 4})
    for (const char* last : {"drop", "keep"})
      BOOST_TEST(failure_of(yaml_of(source, "", "source.value", std::string("size: 2, last: ") + last, "3"),
                            {.threads = threads}) == message);
  const std::string pass =
      "pipeline: p\nparams: {epochs: 1, steps: 1}\nstreams:\n  s:\n    source: {node: count, " + source +
      "}\n    batch: {node: batch, size: 2, items: {v: source.value}}\nstep:\n  a: {node: constant}\n"
      "epoch_end:\n  b: {node: mean_of_all, values: s.v}\n";
  BOOST_TEST(failure_of(pass, {.threads = 2}) == message);
}

BOOST_AUTO_TEST_CASE(an_empty_source_fails) {
  BOOST_TEST(
      failure_of(yaml_of("samples: 0", "", "source.value", "size: 2", "3"), {}) ==
      "test.yaml:5:5: error: streams.s.source: the source has no samples. Check the file and the split that it names.");
}

BOOST_AUTO_TEST_CASE(a_void_fails_where_the_batch_says_so) {
  for (const int threads : {1, 4})
    BOOST_TEST(failure_of(yaml_of("samples: 9, void_at: [4, 7]", "", "source.value",
                                  "size: 2, order: sequential, on_void: fail", "9"),
                          {.threads = threads}) ==
               "test.yaml:5:5: error: streams.s.source failed on sample 4 (number-4): void on purpose (the stream's "
               "batch says on_void: fail).");
}

BOOST_AUTO_TEST_CASE(a_node_that_throws_ends_the_run_with_its_place) {
  for (const int threads : {1, 4})
    for (const std::int64_t at : {0, 17, 39})
      BOOST_TEST(failure_of(yaml_of("samples: 40, fail_at: " + std::to_string(at),
                                    "    more: {node: add, x: source.value}\n", "more.value", "size: 4", "100"),
                            {.threads = threads}) == "test.yaml:5:5: error: streams.s.source failed on sample " +
                                                         std::to_string(at) + " (number-" + std::to_string(at) +
                                                         "): broken on purpose");
  toy::Hook::all()["throws"] = [](const Context& context) {
    if (context.sample == 5) throw 42;
  };
  BOOST_TEST(
      failure_of(
          yaml_of("samples: 8", "    h: {node: hook, x: source.value, name: throws}\n", "h.value", "size: 4", "100"),
          {.threads = 2}) ==
      "test.yaml:6:5: error: streams.s.h failed on sample 5 (number-5): it threw something that is no std::exception.");
}

BOOST_AUTO_TEST_CASE(what_comes_before_a_failure_is_delivered) {
  for (const int threads : {1, 2, 4}) {
    Log log;
    Run run(checked(yaml_of("samples: 40, fail_at: 22", "", "source.value", "size: 4, order: sequential", "100")),
            {.threads = threads, .observer = &log});
    BOOST_CHECK_THROW(run.train(), RunError);
    // Five whole batches, 0 to 19; the sixth has the sample that fails.
    BOOST_TEST(log.values.at("size").size() == 5u);
    BOOST_TEST(log.values.at("all").back() == 19);
  }
}

BOOST_AUTO_TEST_CASE(values_that_nobody_reads_any_more_are_released) {
  Registry with_weights = registry();
  with_weights.node<Load>();
  with_weights.node<Weigh>();
  for (const int threads : {1, 3}) {
    Weight::most = 0;
    Run run(toy::checked(
                "pipeline: p\nstreams:\n  s:\n    source: {node: count, samples: 500}\n"
                "    load: {node: load, x: source.value}\n    first: {node: weigh, load: load.load}\n"
                "    second: {node: weigh, load: load.load}\n    sum: {node: sum, terms: [first.value, second.value]}\n"
                "    keep: {node: keep, x: sum.value, name: weights}\n",
                with_weights),
            {.threads = threads});
    run.preprocess();
    BOOST_TEST(toy::Keep::kept("weights").values.size() == 500u);
    BOOST_TEST(toy::Keep::kept("weights").values.back() == 2 * 499);
    BOOST_TEST(Weight::alive == 0);
    // One per thread that works on a sample: the stream's threads and the one that waits for them.
    BOOST_TEST(Weight::most <= threads + 1);
  }
}

BOOST_AUTO_TEST_CASE(a_sample_without_a_value_for_the_sink_is_void) {
  Registry with_gaps = registry();
  with_gaps.node<Even>();
  Log log;
  Run run(toy::checked("pipeline: p\nstreams:\n  s:\n    source: {node: count, samples: 5}\n"
                       "    even: {node: even, x: source.value}\n    keep: {node: keep, x: even.value, name: gaps}\n",
                       with_gaps),
          {.threads = 2, .observer = &log});
  run.preprocess();
  BOOST_TEST(toy::Keep::kept("gaps").values == (std::vector<double>{0, 2, 4}), boost::test_tools::per_element());
  BOOST_TEST(toy::Keep::kept("gaps").voids.size() == 2u);
  BOOST_TEST(log.voids.front() == "s number-1: the data has no value for an input of keep.");
}

BOOST_AUTO_TEST_CASE(a_sink_gets_only_the_samples_that_it_wants) {
  const auto kept = [](const std::string& every, int threads) {
    Run run(checked("pipeline: p\nstreams:\n  s:\n    source: {node: count, samples: 100}\n"
                    "    jitter: {node: jitter, x: source.value}\n"
                    "    keep: {node: keep, x: jitter.value, name: wanted, every: " +
                    every + "}\n"),
            {.threads = threads});
    run.preprocess();
    BOOST_TEST(toy::Keep::kept("wanted").finished);
    return toy::Keep::kept("wanted").values;
  };
  const std::vector<double> all = kept("0", 2);
  BOOST_TEST(all.size() == 100u);
  for (const int threads : {1, 3}) {
    // Samples 0 to 6, 14 to 20, and so on, with the draws that they have when all are made.
    const std::vector<double> some = kept("7", threads);
    BOOST_REQUIRE(some.size() == 7u * 7u + 2u);
    for (std::size_t i = 0; i < some.size(); ++i) BOOST_TEST(some[i] == all[i / 7 * 14 + i % 7]);
  }
}

BOOST_AUTO_TEST_CASE(samples_that_cannot_be_batched_end_the_run) {
  struct Odd : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  Registry registry;
  registry.node<toy::Count>();
  registry.node<toy::Mean>();
  registry.collate<toy::Real, toy::Reals>([](std::span<const toy::Real* const> rows) -> toy::Reals {
    if (rows.size() == 3) throw Odd("the sizes differ.");
    return {};
  });
  Run run(toy::checked(
              "pipeline: p\nparams: {epochs: 1, steps: 3}\nstreams:\n  s:\n    source: {node: count}\n"
              "    batch: {node: batch, size: 3, items: {v: source.value}}\nstep:\n  a: {node: mean, values: s.v}\n",
              registry),
          {.threads = 2});
  BOOST_CHECK_EXCEPTION(run.train(), RunError, [](const RunError& error) {
    return std::string(error.what()) ==
           "test.yaml:6:5: error: streams.s: the samples could not be put into one batch: the sizes differ.";
  });
}

BOOST_AUTO_TEST_CASE(what_is_in_flight_is_bounded) {
  std::atomic<std::int64_t> started{0};
  toy::Hook::all()["counts"] = [&](const Context&) { ++started; };
  for (const int threads : {1, 3}) {
    started = 0;
    const std::int64_t size = 4;
    const std::int64_t ahead = 2;
    Bench bench(yaml_of("samples: 1000", "    h: {node: hook, x: source.value, name: counts}\n", "h.value",
                        "size: 4, order: sequential, ahead: 2", "9"),
                threads);
    const auto feed = opened(*bench.stream);
    for (std::int64_t consumed = 0; consumed < 30; ++consumed) {
      const auto batch = feed->next();
      // The batch that is read, those ahead of it, and one chunk of at most a batch.
      BOOST_TEST(started <= (consumed + 1 + ahead + 1) * size);
      BOOST_TEST(numbers(*batch).front() == static_cast<double>(consumed * size));
    }
  }
}

BOOST_AUTO_TEST_CASE(batches_may_be_kept_beyond_the_feed) {
  std::vector<std::shared_ptr<const Batch>> kept;
  {
    Bench bench(yaml_of("samples: 40", "", "source.value", "size: 4, order: sequential", "9"));
    const auto feed = opened(*bench.stream);
    for (int i = 0; i < 3; ++i) kept.push_back(feed->next());
    BOOST_TEST(kept[2]->samples == (std::vector<std::int64_t>{8, 9, 10, 11}), boost::test_tools::per_element());
  }
  BOOST_TEST(static_cast<const toy::Reals*>(kept[1]->items[0].get())->values == (std::vector<double>{4, 5, 6, 7}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_feed_may_be_left_at_any_time) {
  for (int batches = 0; batches < 6; ++batches) {
    Bench bench(yaml_of("samples: 40", "    m: {node: jitter, x: source.value}\n", "m.value", "size: 4", "9"), 2);
    const auto feed = opened(*bench.stream);
    for (int i = 0; i < batches; ++i) feed->next();
  }
}

BOOST_AUTO_TEST_CASE(two_feeds_of_one_stream_do_not_disturb_each_other) {
  Bench bench(
      yaml_of("samples: 8", "    m: {node: jitter, x: source.value}\n", "m.value", "size: 4, order: sequential", "9"),
      2);
  const auto alone = numbers(*opened(*bench.stream)->next());
  const auto first = opened(*bench.stream);
  const auto second = opened(*bench.stream);
  const auto pass = opened(*bench.stream, Section::epoch_end);
  BOOST_TEST(numbers(*second->next()) == alone, boost::test_tools::per_element());
  // A pass has draws of its own.
  BOOST_TEST(numbers(*pass->next()) != alone);
  BOOST_TEST(numbers(*first->next()) == alone, boost::test_tools::per_element());
  BOOST_TEST(pass->next() != nullptr);
  BOOST_TEST(pass->next() == nullptr);
  BOOST_TEST(pass->next() == nullptr);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_waiting) {
  std::stop_source source;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::atomic<bool> inside{false};
  // The sample waits until the stop, so that no batch can come.
  toy::Hook::all()["blocks"] = [&](const Context& context) {
    std::unique_lock lock(mutex);
    inside = true;
    changed.notify_all();
    changed.wait(lock, context.stop, [] { return false; });
  };
  Log log;
  Run run(
      checked(yaml_of("samples: 8", "    h: {node: hook, x: source.value, name: blocks}\n", "h.value", "size: 4", "9")),
      {.threads = 2, .stop = source.get_token(), .observer = &log});
  std::thread stopper([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside.load(); });
    lock.unlock();
    source.request_stop();
  });
  BOOST_CHECK_THROW(run.train(), Cancelled);
  stopper.join();
}

BOOST_AUTO_TEST_CASE(a_node_that_polls_the_stop_is_no_failure) {
  std::stop_source source;
  toy::Hook::all()["polls"] = [&](const Context& context) {
    source.request_stop();
    if (context.stop.stop_requested()) throw Cancelled();
  };
  Run run(
      checked(yaml_of("samples: 8", "    h: {node: hook, x: source.value, name: polls}\n", "h.value", "size: 4", "9")),
      {.threads = 2, .stop = source.get_token()});
  BOOST_CHECK_THROW(run.train(), Cancelled);
}

BOOST_AUTO_TEST_CASE(a_run_may_be_thrown_away_before_and_after_a_failure) {
  const std::string yaml = yaml_of("samples: 40, fail_at: 20", "", "source.value", "size: 4", "9");
  { const Run run(checked(yaml), {.threads = 2}); }
  {
    Run run(checked(yaml), {.threads = 2});
    BOOST_CHECK_THROW(run.train(), RunError);
    BOOST_CHECK_THROW(run.train(), RunError);
  }
}

BOOST_AUTO_TEST_CASE(the_observer_is_told_one_thing_at_a_time) {
  struct Alone : RunObserver {
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    void void_sample(const VoidSample&) override {
      if (++inside > 1) overlapped = true;
      std::this_thread::yield();
      --inside;
    }
  } alone;
  std::string voids = "0";
  for (int i = 2; i < 200; i += 2) voids += ", " + std::to_string(i);
  const auto stream = [&](const std::string& name) {
    return "  " + name + ":\n    source: {node: count, samples: 200, void_at: [" + voids +
           "]}\n    batch: {node: batch, size: 4, items: {v: source.value}}\n";
  };
  Run run(checked("pipeline: p\nparams: {epochs: 1, steps: 50}\nstreams:\n" + stream("s") + stream("t") +
                  "step:\n  a: {node: rows, values: s.v}\n  b: {node: rows, values: t.v}\n"),
          {.threads = 4, .observer = &alone});
  run.train();
  BOOST_TEST(!alone.overlapped);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sinks)

namespace {
std::string writing(const std::string& source, const std::string& name, const std::string& nodes = "") {
  return "pipeline: p\nstreams:\n  s:\n    source: {node: count, " + source + "}\n" + nodes +
         "    out: {node: keep, x: source.value, name: " + name + "}\n";
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_sink_gets_every_sample_in_order_and_is_finished) {
  for (const int threads : {1, 2, 4}) {
    Log log;
    Run run(checked(writing("samples: 501, void_at: [3, 100, 500]", "ordered")),
            {.threads = threads, .observer = &log});
    run.preprocess();
    const auto& kept = toy::Keep::kept("ordered");
    BOOST_TEST(kept.values.size() == 498u);
    BOOST_TEST(std::is_sorted(kept.values.begin(), kept.values.end()));
    BOOST_TEST(kept.finished);
    const std::vector<std::string> voids = {"number-3: void on purpose", "number-100: void on purpose",
                                            "number-500: void on purpose"};
    BOOST_TEST(kept.voids == voids, boost::test_tools::per_element());
    BOOST_TEST(log.voids.size() == 3u);
    BOOST_TEST(log.voids.front() == "s number-3: void on purpose");
  }
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_the_sink_unfinished) {
  for (const int threads : {1, 4}) {
    Run run(checked(writing("samples: 300, fail_at: 170", "failed")), {.threads = threads});
    BOOST_CHECK_EXCEPTION(run.preprocess(), RunError, [](const RunError& error) {
      return std::string(error.what()) ==
             "test.yaml:4:5: error: streams.s.source failed on sample 170 (number-170): broken on purpose";
    });
    BOOST_TEST(!toy::Keep::kept("failed").finished);
  }
}

BOOST_AUTO_TEST_CASE(a_stop_leaves_the_sink_unfinished) {
  std::stop_source source;
  toy::Hook::all()["stops"] = [&](const Context& context) {
    if (context.sample == 50) source.request_stop();
  };
  Run run(checked(writing("samples: 100000", "stopped", "    h: {node: hook, x: source.value, name: stops}\n")),
          {.threads = 2, .stop = source.get_token()});
  BOOST_CHECK_THROW(run.preprocess(), Cancelled);
  BOOST_TEST(!toy::Keep::kept("stopped").finished);
}

BOOST_AUTO_TEST_SUITE_END()
