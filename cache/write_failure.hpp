// The sentence for a cache that the system does not let be written, with the remedy for each cause. Internal to cache/.
#pragma once

#include <filesystem>
#include <string>

#include "cache/error.hpp"

namespace fergraph {

/// `cache` was not written: `action` ("it cannot be made") says what failed on `path`, `error` (errno's number) why.
CacheError write_failure(const std::filesystem::path& cache, const std::string& action,
                         const std::filesystem::path& path, int error);

}  // namespace fergraph
