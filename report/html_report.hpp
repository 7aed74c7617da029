// The report of a run: one HTML file that needs nothing else, not even a network.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "graph/registry.hpp"

namespace fergraph {

/// Makes the page from what lies in the run's directory and writes it as `out`, under a temporary name that is renamed.
/// Gives what could not be shown, a sentence each; the page says it too. Throws RunError where the directory holds no
/// run or the file cannot be written.
std::vector<std::string> write_report(const std::filesystem::path& run, const std::filesystem::path& out,
                                      const Registry& registry);

/// Text with &, <, > and quotes as HTML writes them.
std::string html_escaped(std::string_view text);

/// JSON that may stand inside of a <script>: nothing in it ends the script or begins a comment.
std::string script_safe(std::string_view json);

}  // namespace fergraph
