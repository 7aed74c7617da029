#define MTCNN_TARGET
#define MTCNN_LANES 4
#define MTCNN_NAME mtcnn_kernels_portable
#define MTCNN_TEXT "portable"
#include "nodes/face/mtcnn_kernels.inc"
