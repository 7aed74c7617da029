// A pack in place of a stream's nodes.
#include "cli/pack.hpp"

#include "tests/cli/child.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(pack)

namespace {

// A type that no pack knows.
struct Weight {
  static constexpr std::string_view type_name = "Weight";
  double value = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(items_of_an_unknown_type_are_refused) {
  const Pack pack(source_folder / "tests/packs/tiny.h5");
  PackFeeds feeds(pack);
  StreamPlan stream;
  stream.name = "labeled";
  stream.batch.emplace();
  stream.batch->items = {{"weight", &value_type<Weight>}};
  FeedRequest request;
  request.section = Section::epoch_end;
  request.clock.epoch = 1;
  request.items = {true};
  const auto reader = feeds.reader(stream);
  BOOST_CHECK_EXCEPTION(reader->open(request)->next(), RunError, [](const RunError& error) {
    return std::string(error.what()) ==
           "A pack cannot give 'labeled.weight', an item of the type Weight, outside of its batches.";
  });
}

BOOST_AUTO_TEST_SUITE_END()
