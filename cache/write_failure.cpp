#include "cache/write_failure.hpp"

#include <cerrno>
#include <system_error>

namespace fergraph {
namespace {

const char* remedy_for(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "The disk or the quota is full: free some space or write the cache elsewhere.";
    case EFBIG:
      return "The file may not grow so large: raise the limit (ulimit -f) or write the cache elsewhere.";
    case ENOENT:
    case ENOTDIR:
      return "Make its folder first or correct the path.";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Give write access to its folder or write the cache elsewhere.";
    default:
      return "Check the disk or write the cache elsewhere.";
  }
}

}  // namespace

CacheError write_failure(const std::filesystem::path& cache, const std::string& action,
                         const std::filesystem::path& path, int error) {
  return CacheError("The face cache '" + cache.string() + "' was not written: " + action + " ('" + path.string() +
                    "': " + std::generic_category().message(error) + "). " + remedy_for(error));
}

}  // namespace fergraph
