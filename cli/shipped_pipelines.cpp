#include "cli/shipped_pipelines.hpp"

#include <system_error>

namespace fergraph {

std::filesystem::path shipped_pipelines() {
  const std::filesystem::path here = "pipelines";
  std::error_code none;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  for (const std::filesystem::path& folder :
       {here, program / "../share/fergraph/pipelines", program / "../../pipelines"})
    if (std::filesystem::is_directory(folder / "methods", none)) return folder.lexically_normal();
  return here;
}

}  // namespace fergraph
