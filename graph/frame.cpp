#include "graph/frame.hpp"

#include <new>

namespace fergraph {

FrameLayout::FrameLayout(const std::vector<NodePlan>& nodes) {
  const auto place = [&](const TypeOperations& operations) {
    size_ = (size_ + operations.alignment - 1) / operations.alignment * operations.alignment;
    alignment_ = std::max(alignment_, operations.alignment);
    const std::size_t offset = size_;
    size_ += operations.size;
    return offset;
  };
  for (const NodePlan& node : nodes) {
    const std::size_t in = place(*node.type->in);
    entries_.push_back({in, place(*node.type->out), node.type.get()});
  }
}

Frame::Frame(const FrameLayout& layout)
    : layout_(layout),
      memory_(static_cast<std::byte*>(
          ::operator new(std::max<std::size_t>(layout.size_, 1), std::align_val_t(layout.alignment_)))),
      ran_(layout.entries_.size(), 0) {
  for (const FrameLayout::Entry& entry : layout_.entries_) {
    entry.type->in->construct(memory_ + entry.in);
    entry.type->out->construct(memory_ + entry.out);
  }
}

Frame::~Frame() {
  for (const FrameLayout::Entry& entry : layout_.entries_) {
    entry.type->in->destroy(memory_ + entry.in);
    entry.type->out->destroy(memory_ + entry.out);
  }
  ::operator delete(memory_, std::align_val_t(layout_.alignment_));
}

const void* Frame::value(int node, int output, int part) const {
  const auto i = static_cast<std::size_t>(node);
  if (!ran_[i]) return nullptr;
  const FrameLayout::Entry& entry = layout_.entries_[i];
  const OutputPort& port = entry.type->outputs[static_cast<std::size_t>(output)];
  const std::byte* out = memory_ + entry.out;
  return part < 0 ? port.value(out + port.offset) : port.part(out + port.parts_offset, static_cast<std::size_t>(part));
}

void Frame::reset() {
  for (std::size_t i = 0; i < ran_.size(); ++i) reset(i);
}

void Frame::reset(std::size_t node) {
  if (!ran_[node]) return;
  const FrameLayout::Entry& entry = layout_.entries_[node];
  entry.type->in->reset(memory_ + entry.in);
  entry.type->out->reset(memory_ + entry.out);
  ran_[node] = 0;
}

bool gather(const NodePlan& node, std::size_t position, Frame& frame, const std::shared_ptr<const Batch>* batches,
            const Clock& clock) {
  auto* in = static_cast<std::byte*>(frame.in(position));
  bool complete = true;
  for (const InputBinding& binding : node.inputs) {
    const InputPort& port = node.type->inputs[static_cast<std::size_t>(binding.port)];
    if (port.is_view) continue;  // bound once, before the run
    for (const ValueSource& source : binding.sources) {
      const void* value = source.node >= 0 ? frame.value(source.node, source.output, source.part)
                                           : batches[source.stream]->items[static_cast<std::size_t>(source.item)].get();
      if (value)
        port.assign(in + port.offset, source.form, value, source.weight ? source.weight->at(clock) : 1.0);
      else if (!port.is_optional && !port.is_weighted)
        complete = false;
    }
  }
  // What was assigned must not leak into the next call.
  if (!complete) node.type->in->reset(in);
  return complete;
}

void call(const PreparedNode& node, std::size_t position, Frame& frame, const Context& context) {
  const NodeType& type = *node.plan->type;
  type.run(node.object.get(), frame.in(position), frame.out(position), node.plan->parameters.get(), node.states->get(),
           context);
  frame.set_ran(position);
}

}  // namespace fergraph
