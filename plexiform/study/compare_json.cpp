#include <cmath>
#include <nlohmann/json.hpp>

#include "plexiform/study/compare.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

json interval(const Interval& i) {
  return {i.low, i.high};
}

json method_json(const MethodResult& m) {
  json j = {{"method", m.method}};
  if (m.seconds) j["seconds"] = *m.seconds;
  if (!m.error.empty()) {
    j["error"] = m.error;
    return j;
  }
  j["chosen"] = m.chosen;
  j["cc"] = m.score.cc;
  j["cc_interval"] = interval(m.score.cc_interval);
  j["bits_per_spike"] = m.score.bits_per_spike;
  j["bits_interval"] = interval(m.score.bits_interval);
  j["bits_gain"] = m.gain;
  j["bits_gain_interval"] = interval(m.gain_interval);
  if (m.score.cc_trial_mean) j["cc_trial_mean"] = *m.score.cc_trial_mean;
  if (m.score.true_rate_cc) j["true_rate_cc"] = *m.score.true_rate_cc;
  if (m.number) j["n_subunits"] = *m.number;
  if (m.mean_match) j["mean_match"] = *m.mean_match;
  if (m.found) j["found"] = *m.found;
  return j;
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  json cells = json::array();
  for (const auto& c : comparison.cells) {
    json cell = {{"cell", c.cell}, {"name", c.name}, {"n_spikes", static_cast<std::int64_t>(c.n_spikes)}};
    if (c.true_subunits) cell["true_subunits"] = *c.true_subunits;
    cell["methods"] = json::array();
    for (const auto& m : c.methods) cell["methods"].push_back(method_json(m));
    cells.push_back(std::move(cell));
  }
  return json({{"scored_on", comparison.scored_on}, {"cells", cells}}).dump();
}

}  // namespace plexiform
