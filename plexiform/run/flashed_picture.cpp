#include "plexiform/picture/svg.hpp"
#include "plexiform/run/flashed_json.hpp"

namespace plexiform {

std::string picture(const FlashedComparison& comparison) {
  std::vector<ScatterPoint> points;
  for (const FlashedCell& cell : comparison.cells)
    if (cell.error.empty()) points.push_back({cell.name, cell.ln.cc, cell.subunits.cc, cell.ahead_interval.low > 0});
  return scatter_svg(points, "LN: correlation with the mean count", "subunits: correlation with the mean count",
                     "Held-out images", "filled: ahead (95 %)");
}

}  // namespace plexiform
