#include "report/disk_space.hpp"

#include <sys/stat.h>

#include <map>

#include "graph/problem.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

std::filesystem::path nearest_existing(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::path existing = std::filesystem::absolute(path);
  while (!std::filesystem::exists(existing, ignored) && existing.has_relative_path()) existing = existing.parent_path();
  return existing;
}

std::uintmax_t free_bytes(const std::filesystem::path& existing) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(existing, error);
  return error ? 0 : space.available;
}

}  // namespace

std::vector<DiskDemand> by_file_system(const std::vector<DiskNeed>& needs) {
  std::vector<DiskDemand> demands;
  std::map<dev_t, std::size_t> demand_of;
  for (const DiskNeed& need : needs) {
    const std::filesystem::path existing = nearest_existing(need.place);
    struct stat status {};
    ::stat(existing.c_str(), &status);
    const auto [found, is_new] = demand_of.try_emplace(status.st_dev, demands.size());
    if (is_new) demands.push_back({{}, 0, free_bytes(existing)});
    DiskDemand& demand = demands[found->second];
    demand.places.push_back(need.place);
    demand.bytes += need.bytes;
  }
  return demands;
}

void expect_space(const DiskDemand& demand) {
  if (static_cast<std::uintmax_t>(demand.bytes) <= demand.free) return;
  std::vector<std::string> places;
  for (const std::filesystem::path& place : demand.places) places.push_back(place.string());
  throw RunError("The run needs about " + readable_bytes(static_cast<double>(demand.bytes)) + " of disk at " +
                 listed(places) + ", but only " + readable_bytes(static_cast<double>(demand.free)) +
                 " are free. Free some, or choose another place.");
}

}  // namespace fergraph
