#if defined(__x86_64__)
#define MTCNN_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define MTCNN_LANES 16
#define MTCNN_NAME mtcnn_kernels_avx512
#define MTCNN_TEXT "AVX-512"
#include "nodes/face/mtcnn_kernels.inc"
#endif
