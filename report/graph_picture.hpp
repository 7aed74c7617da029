// A pipeline's drawing as SVG, made by Graphviz; for a run's report with the time that each node took.
#pragma once

#include <string>

#include "graph/drawing.hpp"
#include "report/run_timing.hpp"

namespace fergraph {

/// Lets Graphviz's `dot` draw. Throws RunError where it is not there or fails.
std::string svg_of(const std::string& dot);

/// Under each node the seconds and the share of the run's time; styles `heat-0` (below 1 %) to `heat-4` (from 30 %).
DrawingOptions notes_of(const RunTiming& timing);

/// What stands in an HTML page for that SVG: from <svg on, without a size of its own.
std::string inline_svg(const std::string& svg);

}  // namespace fergraph
