#include "report/html_report.hpp"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "report/graph_picture.hpp"
#include "report/page_parts.hpp"
#include "report/report_data.hpp"
#include "report/run_directory.hpp"

namespace fergraph {
namespace {

std::string drawing_of(ReportedRun& run) {
  if (!run.pipeline) return {};
  try {
    return inline_svg(svg_of(to_dot(*run.pipeline, notes_of(run.timing))));
  } catch (const RunError& error) {
    run.problems.emplace_back(error.what());
    return {};
  }
}

std::string scripts() {
  std::string text;
  for (const char* name : {"elements.js", "charts.js", "training.js", "results.js", "samples.js", "run.js", "main.js"})
    text += page_part(name);
  return text;
}

// Puts the values in place of {{name}}; what they hold is not looked at again.
std::string filled(std::string_view page, const std::map<std::string, std::string, std::less<>>& values) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t open = page.find("{{", at);
    const std::size_t close = open == std::string_view::npos ? open : page.find("}}", open);
    if (close == std::string_view::npos) return out.append(page.substr(at));
    out += page.substr(at, open - at);
    out += values.find(page.substr(open + 2, close - open - 2))->second;
    at = close + 2;
  }
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string script_safe(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else
      out += c;
  }
  return out;
}

std::vector<std::string> write_report(const std::filesystem::path& directory, const std::filesystem::path& out,
                                      const Registry& registry) {
  ReportedRun run = open_run(directory, registry);
  // The drawing first: the data tell of all problems.
  const std::string drawing = drawing_of(run);
  const nlohmann::ordered_json data = report_data(run);
  const std::string name = run.pipeline ? run.pipeline->name : directory.filename().string();
  write_whole(out, filled(page_part("report.html"),
                          {{"title", html_escaped(name + " – fergraph")},
                           {"style", std::string(page_part("report.css"))},
                           {"licence", html_escaped(page_part("licence"))},
                           {"graph", drawing},
                           {"data", script_safe(data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))},
                           {"chart_library", std::string(page_part("chart.min.js"))},
                           {"scripts", scripts()}}));
  return run.problems;
}

}  // namespace fergraph
