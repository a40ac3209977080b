#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/study/study.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

void put(json& j, const char* name, const std::optional<double>& value) {
  if (value) j[name] = *value;
}

std::optional<double> get(const json& j, const char* name) {
  return j.contains(name) ? std::optional<double>(j.at(name).get<double>()) : std::nullopt;
}

json piece_json(const StudyPiece& p) {
  json j = {{"value", p.value}, {"seed", p.seed}, {"cell", p.cell}};
  if (!p.error.empty()) {
    j["error"] = p.error;
    return j;
  }
  j["bits_per_spike"] = p.bits_per_spike;
  j["cc"] = p.cc;
  j["n_subunits"] = p.number;
  j["network_subunits"] = p.network_number;
  j["seconds"] = p.seconds;
  put(j, "true_rate_cc", p.true_rate_cc);
  put(j, "mean_match", p.mean_match);
  put(j, "found", p.found);
  put(j, "network_match", p.network_match);
  return j;
}

StudyPiece piece_from(const json& j) {
  StudyPiece p;
  p.value = j.at("value");
  p.seed = j.at("seed");
  p.cell = j.at("cell");
  p.error = j.value("error", "");
  if (!p.error.empty()) return p;
  p.bits_per_spike = j.at("bits_per_spike");
  p.cc = j.at("cc");
  p.number = j.at("n_subunits");
  p.network_number = j.at("network_subunits");
  p.seconds = j.at("seconds");
  p.true_rate_cc = get(j, "true_rate_cc");
  p.mean_match = get(j, "mean_match");
  p.found = get(j, "found");
  p.network_match = get(j, "network_match");
  return p;
}

void put(json& j, const char* name, const std::optional<Estimate>& e) {
  if (e) j[name] = {{"mean", e->mean}, {"interval", {e->interval.low, e->interval.high}}, {"seeds", e->seeds}};
}

json row_json(const StudyRow& r) {
  json j = {{"value", r.value}, {"failed", r.failed}};
  put(j, "bits_per_spike", r.bits_per_spike);
  put(j, "cc", r.cc);
  put(j, "true_rate_cc", r.true_rate_cc);
  put(j, "n_subunits", r.number);
  put(j, "mean_match", r.mean_match);
  put(j, "found", r.found);
  put(j, "network_subunits", r.network_number);
  put(j, "network_match", r.network_match);
  return j;
}

json pieces_json(std::span<const StudyPiece> pieces) {
  json all = json::array();
  for (const auto& p : pieces) all.push_back(piece_json(p));
  return all;
}

}  // namespace

std::string to_json(std::span<const StudyPiece> pieces) {
  return pieces_json(pieces).dump();
}

std::vector<StudyPiece> pieces_from_json(const std::string& text) {
  try {
    std::vector<StudyPiece> pieces;
    for (const auto& j : json::parse(text)) pieces.push_back(piece_from(j));
    return pieces;
  } catch (const json::exception& problem) {
    throw Error(ErrorKind::file, std::string("no piece of a study: ") + problem.what(),
                "remove the file, and --resume makes it again");
  }
}

std::string to_json(const Study& study) {
  json rows = json::array();
  for (const auto& r : study.rows) rows.push_back(row_json(r));
  return json({{"study", to_string(study.kind)},
               {"of", study.what},
               {"rows", rows},
               {"fits", pieces_json(study.pieces)}})
      .dump();
}

}  // namespace plexiform
