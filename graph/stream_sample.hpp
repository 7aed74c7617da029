// What travels through a stream: samples in chunks, and the rows gathered for a batch. Used by stream_core.hpp alone.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/feed.hpp"
#include "graph/frame.hpp"

namespace fergraph {

/// What one feed does with its stream.
struct Job {
  bool endless = false;
  bool sink = false;
  std::vector<bool> nodes;  // those that the wanted items need
  std::vector<bool> items;
  std::vector<SampleRange> ranges;  // the samples, one pass over them; all where empty
  /// By node: those whose values nobody reads after it. A photograph of many megabytes goes when its face is cut out.
  std::vector<std::vector<std::size_t>> last_reads;
  std::int64_t batch_size = 1;
  Order order = Order::sequential;
  Last last = Last::keep;
  int ahead = 3;
  std::uint64_t reader = 0;         // mixed into the names of draws
  std::int64_t first_position = 0;  // of the running position
  Cursor from;
};

/// A sample in flight.
struct StreamSample {
  std::unique_ptr<Frame> frame;
  std::int64_t index = 0;     // in the source
  std::int64_t position = 0;  // running
  std::int64_t pass = 0;
  std::optional<std::string> void_reason;
  std::size_t void_node = 0;
};

/// Neighbouring samples travel together: one message per chunk keeps the scheduler out of the way of cheap nodes.
struct Chunk {
  std::int64_t number = 0;
  std::vector<StreamSample> samples;
  std::atomic<std::size_t> current_sample{0};
  std::atomic<std::size_t> current_node{0};
  std::exception_ptr failure;  // of current_sample; those after it were not made
};

struct Gathering {
  std::int64_t number = 0;
  Cursor next;
  std::vector<StreamSample> samples;
};

}  // namespace fergraph
