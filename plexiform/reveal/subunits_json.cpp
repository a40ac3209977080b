#include "plexiform/reveal/subunits_json.hpp"

#include <nlohmann/json.hpp>
#include <numbers>

namespace plexiform {
namespace {

using nlohmann::json;

json interval_json(const Interval& i) {
  return json::array({i.low, i.high});
}

void add_certainty(json& j, const PartCertainty& c) {
  j["x_interval"] = interval_json(c.x);
  j["y_interval"] = interval_json(c.y);
  j["major_interval"] = interval_json(c.major);
  j["minor_interval"] = interval_json(c.minor);
  j["weight_interval"] = interval_json(c.weight);
  j["confidence"] = c.confidence;
  j["z"] = c.z;
  j["expected_match"] = c.match;
  j["returned"] = c.returned;
  j["stretch"] = c.stretch;
}

json truth_json(const CellSubunits& cell, const TruthMatch& match) {
  if (match.index < 0) return {};
  const Place& place = cell.true_places[static_cast<std::size_t>(match.index)];
  return {{"index", match.index}, {"corr", match.correlation}, {"x", place.x}, {"y", place.y}};
}

json subunit_json(const CellSubunits& cell, std::size_t i) {
  const Subunit& s = cell.subunits[i];
  json j = {{"x", s.place.x}, {"y", s.place.y}, {"weight", s.weight}};
  j["major"] = s.size.major;
  j["minor"] = s.size.minor;
  j["angle"] = s.size.angle * 180 / std::numbers::pi;
  if (s.certainty) add_certainty(j, *s.certainty);
  if (!cell.truth.empty()) j["truth"] = truth_json(cell, cell.truth[i]);
  return j;
}

void add_structure(json& j, const StructureTest& test) {
  j["verdict"] = to_string(test.verdict);
  if (test.verdict == Verdict::too_little_data) return;
  j["p_value"] = test.p_value;
  j["null_draws"] = test.null.size();
  j["effect_bits"] = test.effect_bits;
  j["effect_error"] = test.effect_error;
  j["visible_bits"] = test.visible_bits;
}

json tried_json(const std::vector<Tried>& tried) {
  json list = json::array();
  for (const auto& t : tried)
    list.push_back({{"change", t.change},
                    {"n_subunits", t.subunits},
                    {"gain_nats", t.gain.nats},
                    {"gain_error", t.gain.error},
                    {"taken", t.taken}});
  return list;
}

json networks_json(const std::vector<TriedNetwork>& networks) {
  json list = json::array();
  for (const auto& n : networks)
    list.push_back({{"form", n.form}, {"validation_loss", n.validation_loss}, {"kept", n.kept}});
  return list;
}

/// `what` is counted: "n_subunits" or "n_filters".
json curve_json(const std::vector<SizePoint>& curve, const char* what) {
  json list = json::array();
  for (const auto& p : curve)
    list.push_back({{what, p.subunits},
                    {"held_out_bits", p.bits},
                    {"behind_nats", p.behind.nats},
                    {"behind_error", p.behind.error}});
  return list;
}

json cell_json(const CellSubunits& cell) {
  json j = {{"cell", cell.cell}, {"name", cell.name}};
  if (!cell.error.empty()) {
    j["error"] = cell.error;
    return j;
  }
  if (!cell.remark.empty()) j["remark"] = cell.remark;
  j["n_spikes"] = cell.spikes;
  if (cell.structure) add_structure(j, *cell.structure);
  j["n_subunits"] = cell.subunits.size();
  j["subunits"] = json::array();
  if (cell.structure && cell.structure->verdict == Verdict::too_little_data) return j;  // nothing else was measured
  if (cell.number) j["n_interval"] = interval_json(*cell.number);
  j["n_of_map"] = cell.map_number;
  j["n_of_resamples"] = cell.resampled_numbers;
  j["n_minimal"] = cell.minimal_number;
  j["nonlinearity"] = to_string(cell.nonlinearity);
  j["dispersion"] = cell.dispersion;
  j["own_shapes"] = cell.own_shapes;
  if (cell.validation_bits)
    j["validation_bits"] = {{"network", cell.validation_bits->network}, {"subunits", cell.validation_bits->subunits}};
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) j["subunits"].push_back(subunit_json(cell, i));
  if (cell.mean_match) j["mean_match"] = *cell.mean_match;
  j["networks"] = networks_json(cell.networks);
  j["tried"] = tried_json(cell.tried);
  j["size_curve"] = curve_json(cell.curve, cell.morans_i.empty() ? "n_subunits" : "n_filters");
  if (!cell.morans_i.empty()) j["morans_i"] = cell.morans_i;
  return j;
}

}  // namespace

nlohmann::json cells_json(const std::vector<CellSubunits>& cells) {
  json list = json::array();
  for (const auto& cell : cells) list.push_back(cell_json(cell));
  return list;
}

}  // namespace plexiform
