// Batches that are made before a benchmark begins, in place of the streams of Ada-CM's file: data then costs nothing.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "graph/run.hpp"
#include "nodes/values.hpp"

namespace fergraph::bench {

/// One labeled and one unlabeled batch: uint8 [rows,side,side,3] and int64 [rows].
struct Pictures {
  torch::Tensor weak, label, weak_a, weak_b, strong, index;
};

inline std::vector<Pictures> make_pictures(std::size_t different, std::int64_t rows, std::int64_t side) {
  at::manual_seed(1);
  const auto pixels = [&] { return torch::randint(0, 256, {rows, side, side, 3}, torch::kUInt8); };
  std::vector<Pictures> all;
  for (std::size_t i = 0; i < different; ++i)
    all.push_back({pixels(), torch::randint(0, 7, {rows}, torch::kInt64), pixels(), pixels(), pixels(),
                   torch::arange(rows, torch::kInt64)});
  return all;
}

class MadeFeed : public Feed {
 public:
  MadeFeed(std::vector<std::shared_ptr<const Batch>> batches, bool endless, std::function<void()> before)
      : batches_(std::move(batches)), endless_(endless), before_(std::move(before)) {}
  std::shared_ptr<const Batch> next() override {
    if (before_) before_();
    if (!endless_ && next_ == batches_.size()) return nullptr;
    return batches_[next_++ % batches_.size()];
  }

 private:
  std::vector<std::shared_ptr<const Batch>> batches_;
  bool endless_;
  std::function<void()> before_;
  std::size_t next_ = 0;
};

class MadeReader : public StreamReader {
 public:
  MadeReader(const StreamPlan& stream, const std::vector<Pictures>& pictures, std::function<void()> before)
      : stream_(stream), pictures_(pictures), before_(std::move(before)) {}
  const std::vector<StreamItem>& items() const override { return stream_.batch->items; }
  std::unique_ptr<Feed> open(const FeedRequest& request) override {
    std::vector<std::shared_ptr<const Batch>> batches;
    for (const Pictures& each : pictures_) {
      auto batch = std::make_shared<Batch>();
      batch->number = static_cast<std::int64_t>(batches.size());
      batch->size = each.label.size(0);
      batch->layout = &items();
      for (const StreamItem& item : items()) {
        if (item.name == "label" || item.name == "truth")
          batch->items.push_back(std::make_shared<const Labels>(Labels{each.label}));
        else if (item.name == "index")
          batch->items.push_back(std::make_shared<const Index>(Index{each.index}));
        else if (item.name == "weak_a")
          batch->items.push_back(std::make_shared<const Images>(Images{each.weak_a}));
        else if (item.name == "weak_b")
          batch->items.push_back(std::make_shared<const Images>(Images{each.weak_b}));
        else if (item.name == "strong")
          batch->items.push_back(std::make_shared<const Images>(Images{each.strong}));
        else
          batch->items.push_back(std::make_shared<const Images>(Images{each.weak}));
      }
      batches.push_back(std::move(batch));
    }
    const bool endless = request.section == Section::step;
    return std::make_unique<MadeFeed>(std::move(batches), endless, endless ? before_ : nullptr);
  }

 private:
  const StreamPlan& stream_;
  const std::vector<Pictures>& pictures_;
  std::function<void()> before_;
};

/// In the step the batches come round and round; in a pass each comes once. `before` is called where the step asks for
/// its labeled batch: there one step ends and the next begins.
class MadeFeeds : public Feeds {
 public:
  MadeFeeds(const std::vector<Pictures>& pictures, std::function<void()> before)
      : pictures_(pictures), before_(std::move(before)) {}
  std::unique_ptr<StreamReader> reader(const StreamPlan& stream) override {
    return std::make_unique<MadeReader>(stream, pictures_, stream.name == "labeled" ? before_ : nullptr);
  }
  StreamSamples samples(const StreamPlan&) override {
    const std::int64_t rows = pictures_.front().label.size(0);
    return {rows, std::vector<std::int64_t>(static_cast<std::size_t>(rows), 0)};
  }

 private:
  const std::vector<Pictures>& pictures_;
  std::function<void()> before_;
};

}  // namespace fergraph::bench
