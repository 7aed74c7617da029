#include "nodes/thread_scope.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <omp.h>
#include <torch/types.h>

namespace fergraph {
namespace {

// OpenMP's width belongs to the thread. LibTorch sets it once per thread, on the first question; ours must come after.
void set_width(int width) {
  thread_local int current = 0;
  if (current == width) return;
  (void)at::get_num_threads();
  omp_set_num_threads(width);
  current = width;
}

}  // namespace

TorchThreadScope::TorchThreadScope() : intra_op_threads_(at::get_num_threads()) {}

void TorchThreadScope::around(Lane lane, const std::function<void()>& body) const {
  const bool in_stream = lane == Lane::stream;
  set_width(in_stream ? 1 : intra_op_threads_);
  const at::AutoGradMode gradients(!in_stream);
  body();
}

}  // namespace fergraph
