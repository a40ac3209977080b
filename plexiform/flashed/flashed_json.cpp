#include "plexiform/flashed/flashed_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "plexiform/report/svg.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

json number(double value) {
  return std::isfinite(value) ? json(value) : json();
}

json interval(const Interval& i) {
  return {number(i.low), number(i.high)};
}

json score_json(const FlashedScore& score) {
  json j = {{"cc", number(score.cc)}, {"cc_interval", interval(score.cc_interval)}, {"rate", score.rate}};
  if (score.cc_normalised) j["cc_normalised"] = number(*score.cc_normalised);
  if (score.feve) j["feve"] = number(*score.feve);
  return j;
}

json cell_json(const FlashedCell& cell) {
  json j = {{"cell", cell.cell}, {"name", cell.name}, {"n_spikes", number(cell.spikes)}};
  if (!cell.error.empty()) {
    j["error"] = cell.error;
    return j;
  }
  j["counts"] = cell.counts;
  j["baseline"] = cell.baseline;
  if (cell.reliability)
    j["reliability"] = {{"split_half", number(cell.reliability->split_half)},
                        {"of_mean", number(cell.reliability->of_mean)},
                        {"ceiling", number(cell.reliability->ceiling)}};
  j["ln"] = score_json(cell.ln);
  j["subunits"] = score_json(cell.subunits);
  j["subunits"]["size"] = number(cell.model.size);
  j["subunits"]["size_interval"] = interval(cell.model.size_interval);
  j["subunits"]["extent"] = number(cell.model.extent);
  j["subunits"]["off"] = number(cell.model.off);
  j["subunits"]["on"] = number(cell.model.on);
  j["ahead"] = number(cell.ahead);
  j["ahead_interval"] = interval(cell.ahead_interval);
  return j;
}

}  // namespace

std::string to_json(const FlashedComparison& comparison) {
  json cells = json::array();
  for (const FlashedCell& cell : comparison.cells) cells.push_back(cell_json(cell));
  const FlashedMedians& m = comparison.medians;
  return json({{"images", comparison.images},
               {"trials", comparison.trials},
               {"folds", comparison.folds},
               {"cells", cells},
               {"median",
                {{"cells", m.cells},
                 {"ln", number(m.ln)},
                 {"ln_interval", interval(m.ln_interval)},
                 {"subunits", number(m.subunits)},
                 {"subunits_interval", interval(m.subunits_interval)},
                 {"ahead", number(m.ahead)},
                 {"ahead_interval", interval(m.ahead_interval)},
                 {"cells_ahead", m.cells_ahead}}},
               {"seconds", comparison.seconds}})
      .dump();
}

std::string picture(const FlashedComparison& comparison) {
  std::vector<ScatterPoint> points;
  for (const FlashedCell& cell : comparison.cells)
    if (cell.error.empty()) points.push_back({cell.name, cell.ln.cc, cell.subunits.cc, cell.ahead_interval.low > 0});
  return scatter_svg(points, "LN: correlation with the mean count", "subunits: correlation with the mean count",
                     "Images left out of the fit", "filled: ahead (95 %)");
}

}  // namespace plexiform
