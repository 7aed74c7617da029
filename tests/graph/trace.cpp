// The trace file: JSON that a viewer reads, with a row per thread and a span per call.
#include "graph/trace.hpp"

#include <boost/property_tree/json_parser.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <thread>

#include "graph/run.hpp"
#include "tests/graph/toy_nodes.hpp"
#include "tests/scratch_folder.hpp"

using namespace fergraph;

BOOST_AUTO_TEST_SUITE(trace)

namespace {

boost::property_tree::ptree events(const Trace& trace) {
  const test::Scratch scratch;
  trace.write(scratch.folder / "t.json");
  BOOST_TEST(!std::filesystem::exists(scratch.folder / "t.json.partial"));
  boost::property_tree::ptree json;
  boost::property_tree::read_json((scratch.folder / "t.json").string(), json);
  return json.get_child("traceEvents");
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_empty_trace_is_valid) { BOOST_TEST(events(Trace()).size() == 0u); }

BOOST_AUTO_TEST_CASE(spans_carry_name_category_times_and_id) {
  Trace trace;
  const auto begin = Trace::Clock::now();
  trace.span("a \"quoted\\ name", "step", begin, begin + std::chrono::microseconds(1500), 7);
  const auto found = events(trace);
  BOOST_TEST(found.size() == 2u);  // the thread's name and the span
  const auto& span = found.back().second;
  BOOST_TEST(span.get<std::string>("name") == "a \"quoted\\ name");
  BOOST_TEST(span.get<std::string>("ph") == "X");
  BOOST_TEST(span.get<std::string>("cat") == "step");
  BOOST_TEST(span.get<double>("dur") == 1500);
  BOOST_TEST(span.get<double>("ts") >= 0);
  BOOST_TEST(span.get<int>("args.id") == 7);
}

BOOST_AUTO_TEST_CASE(each_thread_has_a_row) {
  Trace trace;
  const auto work = [&] { const TraceSpan span(&trace, "work", "stream", 1); };
  std::thread other(work);
  other.join();
  work();
  std::set<std::string> threads;
  for (const auto& [key, event] : events(trace)) threads.insert(event.get<std::string>("tid"));
  BOOST_TEST(threads.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_run_traces_every_call) {
  Trace trace;
  Run run(
      toy::checked("pipeline: p\nparams: {epochs: 1, steps: 2}\nstreams:\n  s:\n    source: {node: count, samples: 4}\n"
                   "    batch: {node: batch, size: 2, items: {v: source.value}}\n"
                   "step:\n  a: {node: mean, values: s.v}\nepoch_end:\n  z: {node: constant}\n",
                   toy::registry()),
      {.threads = 2, .trace = &trace});
  run.train();
  std::map<std::string, int> counts;
  for (const auto& [key, event] : events(trace))
    ++counts[event.get<std::string>("name") + "/" + event.get<std::string>("cat", "")];
  BOOST_TEST(counts["step.a/step"] == 2);
  BOOST_TEST(counts["epoch_end.z/epoch_end"] == 1);
  BOOST_TEST(counts["streams.s.source/stream"] >= 4);
}

BOOST_AUTO_TEST_CASE(a_trace_that_cannot_be_written_is_told) {
  BOOST_CHECK_EXCEPTION(Trace().write("/nowhere/t.json"), std::runtime_error, [](const std::runtime_error& error) {
    return std::string(error.what()) ==
           "The trace could not be written to '/nowhere/t.json.partial'. Check the folder and the free space.";
  });
}

BOOST_AUTO_TEST_SUITE_END()
