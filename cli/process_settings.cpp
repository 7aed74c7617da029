#include "cli/process_settings.hpp"

#include <ATen/Parallel.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <thread>

namespace fergraph {

// LibTorch's own default counts physical cores, which virtual machines misreport.
void set_compute_threads(int threads) {
  if (threads == 0 && std::getenv("OMP_NUM_THREADS")) return;
  at::set_num_threads(threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

// A step wants memory of the same sizes again and again. Handed back to the system each time, every page of it would
// have to be cleared anew.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

}  // namespace fergraph
