#pragma once
#include <algorithm>
#include <numbers>
#include <span>

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
  on("log_miss", f.log_miss);
  on("log_aspect", f.log_aspect);
  on("log_gain", f.log_gain);
  on("log_missed", f.log_missed);
}

template <class On>
void fields(SubunitCertainty& c, const On& on) {
  on("x_interval", c.x);
  on("y_interval", c.y);
  on("major_interval", c.major);
  on("minor_interval", c.minor);
  on("weight_interval", c.weight);
  on.later("latency_interval", c.latency);
  on.later("temporal_width_interval", c.width);
  on("confidence", c.confidence);
  on("z", c.z);
  on.later("held_out_nats", c.gain.nats);
  on.later("held_out_error", c.gain.error);
  on("expected_match", c.match);
  on("returned", c.returned);
  on.later("neighbour", c.neighbour);
  on("stretch", c.stretch);
  if constexpr (On::kReads)
    if (!on.has("latency_interval")) return;  // files of before 2026-12 have other features
  on("confidence_features", c.features);
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
  on.later("latency", s.latency);
  on.later("temporal_width", s.width);
  on.later("both_polarities", s.even);
  if constexpr (On::kReads) {
    s.certainty.reset();
    if (on.has_value("confidence")) fields(s.certainty.emplace(), on);
  } else if (s.certainty) {
    fields(*s.certainty, on);
  } else {
    on.or_null("confidence", std::optional<double>());
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
  on("visible_bits", test.visible_bits);
  auto draws = static_cast<std::int64_t>(test.null.size());
  on("null_draws", draws);
}

template <class On>
void fields(Place& place, const On& on) {
  on("x", place.x);
  on("y", place.y);
}

template <class On>
void fields(Window& window, const On& on) {
  on("x", window.x);
  on("y", window.y);
  on("height", window.height);
  on("width", window.width);
}

template <class On>
void fields(SharedSurround& surround, const On& on) {
  on("strength", surround.strength);
  on("ratio", surround.ratio);
}

template <class On>
void fields(CovariateUse& use, const On& on) {
  on("covariate", use.what);
  on("n_numbers", use.numbers);
  on("exponent", use.exponent);
}

template <class On>
void fields(ResidualTest& test, const On& on) {
  on("not_described", test.missing);
  on.or_null("place", test.place);
  on("z", test.z);
  on("p_value", test.p_value);
  on("missed_bits", test.missed_bits);
  on("visible_bits", test.visible_bits);
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
  on.later("gain_error", t.gain.error);
  on("taken", t.taken);
}

template <class On>
void fields(Halves& halves, const On& on) {
  on("n_spikes_of_halves", halves.spikes);
  on("n_of_halves", halves.number);
  on("n_sure_of_halves", halves.sure);
  on("n_again", halves.again);
  on("n_by_chance", halves.by_chance);
}

/// Of the fitted network's filters.
template <class On>
void fields(SizePoint& point, const On& on) {
  const char* size = "n_filters";
  if constexpr (On::kReads)
    if (!on.has(size)) size = "n_subunits";  // files of before 2026-12 have curves of subunits as well
  on(size, point.subunits);
  on("held_out_bits", point.bits);
  on("behind_nats", point.behind.nats);
  on("behind_error", point.behind.error);
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

inline std::vector<SubunitEntry> entries_of(std::span<const Subunit> subunits, std::span<const TruthMatch> truth,
                                            std::span<const Place> places) {
  std::vector<SubunitEntry> entries;
  for (std::size_t i = 0; i < subunits.size(); ++i) {
    entries.push_back({subunits[i], {}, {}});
    if (truth.empty()) continue;
    entries.back().truth = truth[i];
    if (truth[i].index >= 0) entries.back().true_place = places[static_cast<std::size_t>(truth[i].index)];
  }
  return entries;
}

inline void take_entries(const std::vector<SubunitEntry>& entries, std::vector<Subunit>& subunits,
                         std::vector<TruthMatch>& truth, std::vector<Place>& places) {
  subunits.clear();
  truth.clear();
  for (const SubunitEntry& entry : entries) {
    subunits.push_back(entry.subunit);
    if (!entry.truth) continue;
    truth.push_back(*entry.truth);
    const auto index = entry.truth->index;
    // Of files that do not list them.
    if (index < 0 || index > 1'000'000) continue;
    const auto place = static_cast<std::size_t>(index);
    if (places.size() <= place) places.resize(place + 1);
    places[place] = entry.true_place;
  }
  if (!truth.empty() && truth.size() != subunits.size())
    refuse_field("subunits", "a list in which some have a truth", "all or none");
}

/// What stands in every cell, null where nothing was said.
template <class On>
void tested_fields(CellSubunits& c, const On& on) {
  if constexpr (On::kReads) {
    c.structure.reset();
    if (on.has_value("verdict")) fields(c.structure.emplace(), on);
  } else if (c.structure) {
    fields(*c.structure, on);
  } else {
    on.or_null("verdict", std::optional<std::string>());
  }
  on.or_null("residual", c.residual);
  on.or_null("halves", c.halves);
  on.or_null("n_interval", c.number);
  on.or_null("n_suppressive_interval", c.suppressive_number);
}

/// What the model is beside its subunits.
template <class On>
void model_fields(CellSubunits& c, const On& on) {
  on("n_of_map", c.map_number);
  on("n_of_resamples", c.resampled_numbers);
  on("n_minimal", c.minimal_number);
  on("nonlinearity", c.nonlinearity);
  on.later("power", c.power);
  on.later("expansion", c.expansion);
  on.later("n_functions", c.functions);
  on.or_null("surround", c.surround);
  on.later("covariates", c.covariates);
  on("dispersion", c.dispersion);
  on("validation_bits", c.validation_bits);
}

template <class On>
void fields(CellSubunits& c, const On& on) {
  on("cell", c.cell);
  on("name", c.name);
  on.unless_empty("error", c.error);
  if (!c.error.empty()) return;
  on.unless_empty("remark", c.remark);
  on("n_spikes", c.spikes);
  on.later("window", c.window);
  on.later("lags", c.lags);
  tested_fields(c, on);
  std::vector<SubunitEntry> entries = entries_of(c.subunits, c.truth, c.true_places),
                            against = entries_of(c.suppressive, c.suppressive_truth, c.true_places);
  auto count = static_cast<std::int64_t>(entries.size()), suppressive = static_cast<std::int64_t>(against.size());
  on("n_subunits", count);
  on.later("n_suppressive", suppressive);
  if (c.structure && c.structure->verdict == Verdict::too_little_data) {  // nothing else was measured
    entries.clear();
    on("subunits", entries);
    on.later("suppressive", entries);
    return;
  }
  model_fields(c, on);
  on.unless_empty("true_places", c.true_places);
  on("subunits", entries);
  on.later("suppressive", against);
  on("mean_match", c.mean_match);
  on("networks", c.networks);
  on("tried", c.tried);
  on.unless_empty("morans_i", c.morans_i);
  on("size_curve", c.curve);
  if constexpr (On::kReads) {
    take_entries(entries, c.subunits, c.truth, c.true_places);
    take_entries(against, c.suppressive, c.suppressive_truth, c.true_places);
  }
}

}  // namespace plexiform
