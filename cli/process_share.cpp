#include "cli/process_share.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace fergraph {
namespace {

struct Launcher {
  const char* rank;
  const char* size;
};
// mpirun started by srun sets both: its own variables know of more processes.
constexpr Launcher launchers[] = {
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, {"RANK", "WORLD_SIZE"}, {"SLURM_PROCID", "SLURM_NTASKS"}};

std::optional<int> whole_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<ProcessShare> parse_share(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto index = whole_number(std::string_view(text).substr(0, slash));
  const auto count = whole_number(std::string_view(text).substr(slash + 1));
  if (!index || !count || *index < 0 || *index >= *count) return std::nullopt;
  return ProcessShare{*index, *count};
}

GivenShare share_of_process(const std::string& option, const std::string& remedy) {
  if (!option.empty()) return {parse_share(option).value(), "--shard"};
  for (const Launcher& launcher : launchers) {
    const char* rank = std::getenv(launcher.rank);
    const char* size = std::getenv(launcher.size);
    if (!rank || !size) continue;
    const auto share = parse_share(std::string(rank) + "/" + size);
    if (!share)
      throw std::runtime_error("The environment says " + std::string(launcher.rank) + "=" + rank + " and " +
                               launcher.size + "=" + size + ", which is no share of work. " + remedy);
    return {*share, std::string(launcher.rank) + " and " + launcher.size};
  }
  return {};
}

}  // namespace fergraph
