// What a thread must be set to before it runs nodes that compute with LibTorch.
#pragma once

#include "graph/registry.hpp"

namespace fergraph {

/// LibTorch's thread-locals per lane. Streams: no gradients, one OpenMP thread (their parallelism is over samples).
/// Steps and epoch sections: gradients, and as many intra-op threads as the thread had that made this object.
class TorchThreadScope : public ThreadScope {
 public:
  TorchThreadScope();
  void around(Lane lane, const std::function<void()>& body) const override;

 private:
  int intra_op_threads_;
};

}  // namespace fergraph
