#include "nodes/face/mtcnn_kernels.hpp"

#include <algorithm>
#include <vector>

namespace fergraph {

#if defined(__x86_64__)
extern const MtcnnKernels mtcnn_kernels_avx512;
extern const MtcnnKernels mtcnn_kernels_avx2;
#endif
extern const MtcnnKernels mtcnn_kernels_portable;

void AlignedFloats::reserve(std::size_t size) {
  if (size <= size_) return;
  floats_.reset(static_cast<float*>(::operator new[](size * sizeof(float), std::align_val_t{64})));
  std::fill_n(floats_.get(), size, 0.0F);
  size_ = size;
}

std::span<const MtcnnKernels* const> mtcnn_kernels() {
  static const std::vector<const MtcnnKernels*> found = [] {
    std::vector<const MtcnnKernels*> list;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      list.push_back(&mtcnn_kernels_avx512);
    if (avx2) list.push_back(&mtcnn_kernels_avx2);
#endif
    list.push_back(&mtcnn_kernels_portable);
    return list;
  }();
  return found;
}

}  // namespace fergraph
