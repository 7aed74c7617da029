// Before a function: one body, compiled for several widths of vectors; the loader picks. Files that use it are compiled
// without contraction of a * b + c (CMakeLists.txt), so that every processor rounds alike. Sanitizers run before the
// loader's choice is made and take the plain one.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FERGRAPH_VECTORISED __attribute__((target_clones("avx2", "default")))
// For bodies that say std::fma themselves, which is an instruction from Haswell on.
#define FERGRAPH_VECTORISED_FMA __attribute__((target_clones("arch=haswell", "default")))
#else
#define FERGRAPH_VECTORISED
#define FERGRAPH_VECTORISED_FMA
#endif
