// What a run recorded at the ends of its epochs, read back from its directory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fergraph {

/// The values by epoch of every record with one number; numbers that are not finite are NaN. Lines that are cut or
/// damaged are passed over; nothing where the directory has no metrics.jsonl.
std::map<std::string, std::vector<double>> epoch_records(const std::filesystem::path& run_directory);

/// The last epoch that is told of; 0 where there is none. Reads the end of the file alone, so that it may be asked for
/// while the run goes on.
std::int64_t last_recorded_epoch(const std::filesystem::path& run_directory);

}  // namespace fergraph
