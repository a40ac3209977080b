#pragma once
#include <algorithm>
#include <numbers>

#include "plexiform/result/confidence.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/run/json_fields_impl.hpp"

/// What subunits.json says of a cell.
namespace plexiform {

inline void name_into(const std::string& name, Verdict& verdict) {
  verdict = verdict_from(name);
}
inline void name_into(const std::string& name, SubunitNonlinearity& nonlinearity) {
  nonlinearity = subunit_nonlinearity_from(name);
}

template <class On>
void fields(ConfidenceFeatures& f, const On& on) {
  on("returned", f.returned);
  on("log_miss", f.log_miss);
  on("stretched", f.stretched);
}

template <class On>
void fields(PartCertainty& c, const On& on) {
  on("x_interval", c.x);
  on("y_interval", c.y);
  on("major_interval", c.major);
  on("minor_interval", c.minor);
  on("weight_interval", c.weight);
  on("confidence", c.confidence);
  on("z", c.z);
  on("expected_match", c.match);
  on("returned", c.returned);
  on("stretch", c.stretch);
  ConfidenceFeatures features = confidence_features(c);  // made of the others, for scripts
  on.later("confidence_features", features);
}

/// Angles are degrees in files.
template <class On>
void fields(Axes& size, const On& on) {
  constexpr double kDegrees = 180 / std::numbers::pi;
  on("major", size.major);
  on("minor", size.minor);
  double angle = size.angle * kDegrees;
  on("angle", angle);
  if constexpr (On::kReads) size.angle = angle / kDegrees;
}

template <class On>
void fields(Subunit& s, const On& on) {
  on("x", s.place.x);
  on("y", s.place.y);
  on("weight", s.weight);
  fields(s.size, on);
  if constexpr (On::kReads) {
    s.certainty.reset();
    if (on.has("confidence")) fields(s.certainty.emplace(), on);
  } else if (s.certainty) {
    fields(*s.certainty, on);
  }
}

template <class On>
void fields(StructureTest& test, const On& on) {
  on("verdict", test.verdict);
  if (test.verdict == Verdict::too_little_data) return;
  on("p_value", test.p_value);
  on.later("null", test.null);
  on.later("statistic", test.statistic);
  on("effect_bits", test.effect_bits);
  on("effect_error", test.effect_error);
  on("visible_bits", test.visible_bits);
  auto draws = static_cast<std::int64_t>(test.null.size());
  on("null_draws", draws);
}

template <class On>
void fields(ValidationBits& bits, const On& on) {
  on("network", bits.network);
  on("subunits", bits.subunits);
}

template <class On>
void fields(TriedNetwork& n, const On& on) {
  on("form", n.form);
  on("validation_loss", n.validation_loss);
  on("kept", n.kept);
}

template <class On>
void fields(Tried& t, const On& on) {
  on("change", t.change);
  on("n_subunits", t.subunits);
  on("gain_nats", t.gain.nats);
  on("gain_error", t.gain.error);
  on("taken", t.taken);
}

/// A size is of subunits, or of filters where these were pruned: both have a key.
struct SizeEntry {
  SizePoint point;
  bool filters = false;
};

template <class On>
void fields(SizeEntry& e, const On& on) {
  if constexpr (On::kReads) e.filters = on.has("n_filters");
  on(e.filters ? "n_filters" : "n_subunits", e.point.subunits);
  on("held_out_bits", e.point.bits);
  on("behind_nats", e.point.behind.nats);
  on("behind_error", e.point.behind.error);
}

template <class On>
void fields(Place& place, const On& on) {
  on("x", place.x);
  on("y", place.y);
}

/// A subunit with its true partner: an object, or null for a surplus one; absent without a truth.
struct SubunitEntry {
  Subunit subunit;
  std::optional<TruthMatch> truth;
  Place true_place;
};

struct TruthEntry {
  TruthMatch match;
  Place place;
};

template <class On>
void fields(TruthEntry& t, const On& on) {
  on("index", t.match.index);
  on("corr", t.match.correlation);
  fields(t.place, on);
}

/// For an optional that is null where it is empty.
struct NullableTruth {
  std::optional<TruthEntry> entry;
};
inline nlohmann::json json_value(const NullableTruth& truth) {
  return truth.entry ? json_of(*truth.entry) : nlohmann::json();
}
inline void value_from(const nlohmann::json& json, const std::string& key, NullableTruth& truth) {
  truth.entry.reset();
  if (!json.is_null()) from_json_value(json, key, truth.entry.emplace());
}

template <class On>
void fields(SubunitEntry& e, const On& on) {
  fields(e.subunit, on);
  std::optional<NullableTruth> truth;
  if (e.truth) truth.emplace();
  if (e.truth && e.truth->index >= 0) truth->entry = {*e.truth, e.true_place};
  on("truth", truth);
  if constexpr (On::kReads) {
    e.truth.reset();
    if (truth) e.truth = truth->entry ? truth->entry->match : TruthMatch{};
    if (truth && truth->entry) e.true_place = truth->entry->place;
  }
}

inline std::vector<SubunitEntry> entries_of(const CellSubunits& cell) {
  std::vector<SubunitEntry> entries;
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) {
    entries.push_back({cell.subunits[i], {}, {}});
    if (cell.truth.empty()) continue;
    entries.back().truth = cell.truth[i];
    if (cell.truth[i].index >= 0)
      entries.back().true_place = cell.true_places[static_cast<std::size_t>(cell.truth[i].index)];
  }
  return entries;
}

inline void take_entries(CellSubunits& cell, const std::vector<SubunitEntry>& entries) {
  cell.subunits.clear();
  cell.truth.clear();
  for (const SubunitEntry& entry : entries) {
    cell.subunits.push_back(entry.subunit);
    if (!entry.truth) continue;
    cell.truth.push_back(*entry.truth);
    const auto index = entry.truth->index;
    // Of files that do not list them.
    if (index < 0 || index > 1'000'000) continue;
    const auto place = static_cast<std::size_t>(index);
    if (cell.true_places.size() <= place) cell.true_places.resize(place + 1);
    cell.true_places[place] = entry.true_place;
  }
  if (!cell.truth.empty() && cell.truth.size() != cell.subunits.size())
    refuse_field("subunits", "a list in which some have a truth", "all or none");
}

template <class On>
void fields(CellSubunits& c, const On& on) {
  on("cell", c.cell);
  on("name", c.name);
  on.unless_empty("error", c.error);
  if (!c.error.empty()) return;
  on.unless_empty("remark", c.remark);
  on("n_spikes", c.spikes);
  if constexpr (On::kReads) {
    c.structure.reset();
    if (on.has("verdict")) fields(c.structure.emplace(), on);
  } else if (c.structure) {
    fields(*c.structure, on);
  }
  std::vector<SubunitEntry> entries = entries_of(c);
  auto count = static_cast<std::int64_t>(entries.size());
  on("n_subunits", count);
  if (c.structure && c.structure->verdict == Verdict::too_little_data) {  // nothing else was measured
    entries.clear();
    on("subunits", entries);
    return;
  }
  on("n_interval", c.number);
  on("n_of_map", c.map_number);
  on("n_of_resamples", c.resampled_numbers);
  on("n_minimal", c.minimal_number);
  on("nonlinearity", c.nonlinearity);
  on("dispersion", c.dispersion);
  on("own_shapes", c.own_shapes);
  on("validation_bits", c.validation_bits);
  on.unless_empty("true_places", c.true_places);
  on("subunits", entries);
  on("mean_match", c.mean_match);
  on("networks", c.networks);
  on("tried", c.tried);
  on.unless_empty("morans_i", c.morans_i);
  std::vector<SizeEntry> curve;
  for (const SizePoint& point : c.curve) curve.push_back({point, !c.morans_i.empty()});
  on("size_curve", curve);
  if constexpr (On::kReads) {
    take_entries(c, entries);
    c.curve.clear();
    for (const SizeEntry& entry : curve) c.curve.push_back(entry.point);
  }
}

}  // namespace plexiform
