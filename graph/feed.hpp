// Streams as those who read them see them: batches, feeds that yield them, and views of one item in a pass.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/clock.hpp"
#include "graph/value.hpp"

namespace fergraph {

/// One item of a stream's batches: `weak`, of type Images.
struct StreamItem {
  std::string name;
  const ValueType* type = nullptr;
};

/// Where a stream stands between two batches of the step: what a run needs to go on from there.
struct Cursor {
  std::int64_t position = 0;         // of the next sample: passes count on
  std::int64_t samples_of_pass = 0;  // met in the pass of the sample before it, voids included
  std::int64_t voids_of_pass = 0;
  bool operator==(const Cursor&) const = default;
};

/// One batch: a value per item; items that nobody asked for are empty.
struct Batch {
  std::int64_t number = 0;  // from 0, in its feed
  std::int64_t size = 0;    // rows
  const std::vector<StreamItem>* layout = nullptr;
  std::vector<std::shared_ptr<const void>> items;
  std::vector<std::int64_t> samples;  // index in the source of each row
  Cursor next;                        // behind this batch

  /// The item of this name and type, or nullptr.
  template <Value T>
  const T* find(std::string_view name) const {
    for (std::size_t i = 0; i < items.size(); ++i)
      if ((*layout)[i].name == name && (*layout)[i].type == &value_type<T>)
        return static_cast<const T*>(items[i].get());
    return nullptr;
  }
};

enum class Order { shuffled, sequential };
enum class Last { drop, keep };
enum class Section { epoch_start, step, epoch_end };

/// "epoch_start", "step", "epoch_end".
std::string_view section_name(Section section);

/// What a reader wants of a stream.
struct FeedRequest {
  Section section = Section::step;  // step: endless; the others: one pass
  std::string reader;               // qualified name of the node that reads; keys the draws of a pass
  Clock clock;
  std::vector<bool> items;          // which items are wanted, by position in the layout
  Order order = Order::sequential;  // of a pass
  Last last = Last::keep;           // of a pass: whether a last batch that is not full counts
  Cursor from;                      // of the step: where it begins
};

/// Yields batches in order.
class Feed {
 public:
  virtual ~Feed() = default;
  /// Waits for the next batch; nullptr at the end of a pass. Throws what failed in the stream, or Cancelled.
  virtual std::shared_ptr<const Batch> next() = 0;
};

/// Anything that can be read as a stream: the nodes of a pipeline's stream, or the batches of a parity pack.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  virtual const std::vector<StreamItem>& items() const = 0;
  virtual std::unique_ptr<Feed> open(const FeedRequest& request) = 0;
};

/// A run was stopped from outside while something waited.
struct Cancelled : std::exception {
  const char* what() const noexcept override { return "interrupted"; }
};

/// An input port that reads a whole stream: `images: labeled.plain` in an epoch section. The batches of a pass carry
/// this item and, where the stream has them, `label` and `index`.
template <Value T>
class View {
 public:
  using value_type = T;
  View() = default;
  View(StreamReader& reader, std::size_t item) : reader_(&reader), item_(item) {}

  explicit operator bool() const { return reader_ != nullptr; }

  /// One pass: calls `visit(const T& value, const Batch& batch)` for each batch in order.
  template <class Visit>
  void for_each(FeedRequest request, Visit&& visit) const {
    const std::vector<StreamItem>& items = reader_->items();
    request.items.assign(items.size(), false);
    for (std::size_t i = 0; i < items.size(); ++i)
      request.items[i] = i == item_ || items[i].name == "label" || items[i].name == "index";
    const std::unique_ptr<Feed> feed = reader_->open(request);
    while (const std::shared_ptr<const Batch> batch = feed->next())
      visit(*static_cast<const T*>(batch->items[item_].get()), *batch);
  }

 private:
  StreamReader* reader_ = nullptr;
  std::size_t item_ = 0;
};

}  // namespace fergraph
