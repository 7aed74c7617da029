#include "report/epoch_records.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace fergraph {
namespace {

// As MetricsLog begins the lines of epochs' ends: the many lines of steps need no parsing.
constexpr const char* epoch_line = R"({"section":"epoch_end")";

}  // namespace

std::map<std::string, std::vector<double>> epoch_records(const std::filesystem::path& run_directory) {
  std::map<std::string, std::vector<double>> records;
  std::ifstream in(run_directory / "metrics.jsonl");
  for (std::string text; std::getline(in, text);) {
    if (!text.starts_with(epoch_line)) continue;
    const nlohmann::json line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object()) continue;
    for (const auto& [name, value] : line.items()) {
      if (name == "section" || name == "epoch" || name == "step" || name == "iteration") continue;
      if (value.is_number()) records[name].push_back(value.get<double>());
      if (value.is_null()) records[name].push_back(std::nan(""));
    }
  }
  return records;
}

std::int64_t last_recorded_epoch(const std::filesystem::path& run_directory) {
  std::ifstream in(run_directory / "metrics.jsonl", std::ios::binary | std::ios::ate);
  if (!in) return 0;
  // Lines of steps are short; that of an epoch's end may hold arrays.
  constexpr std::streamoff most = 1 << 16;
  const std::streamoff size = in.tellg();
  const std::streamoff read = std::min(size, most);
  in.seekg(size - read);
  std::string text(static_cast<std::size_t>(read), '\0');
  in.read(text.data(), read);
  const std::string key = "\"epoch\":";
  const std::size_t at = text.rfind(key);
  return at == std::string::npos ? 0 : std::atoll(text.c_str() + at + key.size());
}

}  // namespace fergraph
