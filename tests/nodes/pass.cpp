#include "nodes/network/pass.hpp"

#include <boost/test/unit_test.hpp>

#include "graph/not_finite.hpp"
#include "tests/nodes/surroundings.hpp"

using namespace fergraph;
using namespace fergraph::test;

BOOST_AUTO_TEST_SUITE(pass)

namespace {

// Ten samples in batches of four.
class Samples : public StreamReader {
 public:
  explicit Samples(bool labeled) {
    layout_.push_back({"plain", &value_type<Images>});
    if (labeled) layout_.insert(layout_.end(), {{"label", &value_type<Labels>}, {"index", &value_type<Index>}});
  }
  const std::vector<StreamItem>& items() const override { return layout_; }
  std::unique_ptr<Feed> open(const FeedRequest& request) override {
    last_request = request;
    return std::make_unique<Cursor>(*this, request.last == Last::keep ? 10 : 8);
  }
  FeedRequest last_request;

 private:
  struct Cursor : Feed {
    Cursor(const Samples& samples, std::int64_t last) : owner(samples), end(last) {}
    std::shared_ptr<const Batch> next() override {
      if (at >= end) return nullptr;
      const std::int64_t size = std::min<std::int64_t>(4, end - at);
      auto batch = std::make_shared<Batch>();
      batch->size = size;
      batch->layout = &owner.layout_;
      batch->items.push_back(std::make_shared<Images>(Images{pixels(10).narrow(0, at, size)}));
      if (owner.layout_.size() > 1) {
        batch->items.push_back(std::make_shared<Labels>(Labels{torch::arange(at, at + size).remainder(7)}));
        batch->items.push_back(std::make_shared<Index>(Index{torch::arange(at, at + size)}));
      }
      at += size;
      return batch;
    }
    const Samples& owner;
    std::int64_t at = 0, end;
  };
  std::vector<StreamItem> layout_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_pass_means_the_networks_and_keeps_the_order) {
  Samples samples(true);
  const auto first = tinynet("a"), second = tinynet("b");
  const Pass::Out out = Pass().run({View<Images>(samples, 0)}, {}, {{Read<Network>(*first), Read<Network>(*second)}},
                                   context("epoch_end.p"));
  const torch::Tensor a = first->eval_forward(pixels(10)).logits, b = second->eval_forward(pixels(10)).logits;
  BOOST_TEST(close(out.logits.tensor, (a + b) / 2, 1e-5));
  BOOST_TEST(close(out.probs.tensor, (torch::softmax(a, 1) + torch::softmax(b, 1)) / 2, 1e-5));
  BOOST_TEST(close(out.probs_parts[1].tensor, torch::softmax(b, 1), 1e-5));
  BOOST_TEST(close(out.logits_parts[0].tensor, a, 1e-5));
  BOOST_TEST(close(out.features.tensor, first->eval_forward(pixels(10)).features, 1e-5));
  BOOST_TEST(same_numbers(out.index->tensor, torch::arange(10)));
  BOOST_TEST(same_numbers(out.labels->tensor, torch::arange(10).remainder(7)));
  BOOST_TEST(!out.probs.tensor.requires_grad());
  BOOST_TEST(samples.last_request.reader == "epoch_end.p");
}

BOOST_AUTO_TEST_CASE(absent_items_are_absent_outputs_and_drop_drops) {
  Samples samples(false);
  const auto net = tinynet();
  Pass::Params params;
  params.last = Last::drop;
  params.order = Order::shuffled;
  const Pass::Out out = Pass().run({View<Images>(samples, 0)}, params, {{Read<Network>(*net)}}, context());
  BOOST_TEST(out.logits.tensor.size(0) == 8);
  BOOST_TEST(!out.labels.has_value());
  BOOST_TEST(!out.index.has_value());
  BOOST_TEST((samples.last_request.order == Order::shuffled));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_a_pass) {
  Samples samples(false);
  const auto net = tinynet();
  std::stop_source stop;
  stop.request_stop();
  Context stopped = context();
  stopped.stop = stop.get_token();
  BOOST_CHECK_THROW(Pass().run({View<Images>(samples, 0)}, {}, {{Read<Network>(*net)}}, stopped), Cancelled);
}

// The largest of NaN is a class like any other.
BOOST_AUTO_TEST_CASE(a_network_that_has_diverged_predicts_nothing) {
  Samples samples(true);
  const auto good = tinynet(), bad = tinynet();
  {
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : bad->parameters()) torch::Tensor(tensor).fill_(std::nan(""));
  }
  BOOST_CHECK_EXCEPTION(
      Pass().run({View<Images>(samples, 0)}, {}, {{Read<Network>(*good), Read<Network>(*bad)}}, context()), NotFinite,
      [](const NotFinite& error) {
        return error.lasting && std::string(error.what()) ==
                                    "The logits of network 2 of 'nets' are not finite for 10 of 10 samples, first for "
                                    "sample 0.";
      });
}

BOOST_AUTO_TEST_SUITE_END()
