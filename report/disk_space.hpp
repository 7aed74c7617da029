// Whether what a run will write has room on the disks that it goes to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "graph/node_type.hpp"

namespace fergraph {

/// What one file system is asked for.
struct DiskDemand {
  std::vector<std::filesystem::path> places;
  std::int64_t bytes = 0;   // of all places
  std::uintmax_t free = 0;  // for this process
};

/// The needs, summed by file system (st_dev) in the order of first mention. Places need not exist yet: then the nearest
/// folder above them tells.
std::vector<DiskDemand> by_file_system(const std::vector<DiskNeed>& needs);

/// Throws RunError naming the places where a file system has fewer bytes free than it is asked for.
void expect_space(const DiskDemand& demand);

}  // namespace fergraph
