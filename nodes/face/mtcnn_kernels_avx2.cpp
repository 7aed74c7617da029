#if defined(__x86_64__)
#define MTCNN_TARGET __attribute__((target("avx2,fma")))
#define MTCNN_LANES 8
#define MTCNN_NAME mtcnn_kernels_avx2
#define MTCNN_TEXT "AVX2"
#include "nodes/face/mtcnn_kernels.inc"
#endif
