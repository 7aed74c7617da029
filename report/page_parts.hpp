// The files of report/page and the charting library, embedded into the program when it is built.
#pragma once

#include <string_view>

namespace fergraph {

/// The text of one of them by its file's name, "report.css"; the library is "chart.min.js", its licence "licence".
/// Empty for a name that there is not.
std::string_view page_part(std::string_view name);

}  // namespace fergraph
