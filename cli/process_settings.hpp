// What a command that computes with networks sets for the whole process.
#pragma once

namespace fergraph {

/// Threads inside one operation; 0: as OMP_NUM_THREADS says, else as many as there are cores.
void set_compute_threads(int threads);
/// Freed memory stays with the process for the next step.
void keep_freed_memory();

}  // namespace fergraph
