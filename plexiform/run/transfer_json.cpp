#include "plexiform/run/transfer_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/score_fields_impl.hpp"

namespace plexiform {

using nlohmann::json;

inline void name_into(const std::string& name, Tuned& tuned) {
  tuned = tuned_from(name);
}

template <class On>
void fields(CrossMatrix& m, const On& on) {
  on("cc", m.cc);
  on("bits_per_spike", m.bits);
  on("own_ahead", m.own_ahead);
  on("own_ahead_low", m.low);
  on("own_ahead_high", m.high);
  on("p", m.p);
}

// ---- between cells

/// What CellTransfer has in several lists.
struct CrossedCell {
  std::int64_t cell = 0;
  std::string name;
  double spikes = 0;
  bool own_exceeds = false;
  std::optional<std::int64_t> best_other;  ///< a row in the recording
};

template <class On>
void fields(CrossedCell& c, const On& on) {
  on("cell", c.cell);
  on("name", c.name);
  on("n_spikes", c.spikes);
  on("own_exceeds_all_others", c.own_exceeds);
  on("best_other", c.best_other);
}

struct OmittedCell {
  std::int64_t cell = 0;
  std::string error;
};

template <class On>
void fields(OmittedCell& c, const On& on) {
  on("cell", c.cell);
  on("error", c.error);
}

namespace {

std::vector<CrossedCell> crossed_cells(const CellTransfer& t) {
  std::vector<CrossedCell> cells;
  for (std::size_t i = 0; i < t.cells.size(); ++i) {
    cells.push_back({t.cells[i], t.names[i], t.spikes[i], t.others[i].own_exceeds, {}});
    if (t.others[i].model >= 0) cells.back().best_other = t.cells[static_cast<std::size_t>(t.others[i].model)];
  }
  return cells;
}

void take_crossed(CellTransfer& t, const std::vector<CrossedCell>& cells) {
  t.cells.clear(), t.names.clear(), t.spikes.clear(), t.others.clear();
  for (const CrossedCell& c : cells) t.cells.push_back(c.cell), t.names.push_back(c.name), t.spikes.push_back(c.spikes);
  for (const CrossedCell& c : cells) {
    BestOther other{-1, c.own_exceeds};
    if (c.best_other) {
      const auto found = std::ranges::find(t.cells, *c.best_other);
      if (found == t.cells.end()) refuse_field("best_other", std::to_string(*c.best_other), "one of the cells");
      other.model = found - t.cells.begin();
    }
    t.others.push_back(other);
  }
}

/// A file is one of the two kinds.
void require_kind(const json& file, const std::string& kind) {
  std::string found;
  value_from(required(file, "kind", "string"), "kind", found);
  if (found != kind) refuse_field("kind", "'" + found + "'", "'" + kind + "'");
}

/// Matrices are [model, cell].
void require_square(const CrossMatrix& m, const char* name, std::size_t n) {
  const auto side = static_cast<std::int64_t>(n);
  for (const auto* table : {&m.cc, &m.bits, &m.own_ahead, &m.low, &m.high, &m.p})
    if (table->shape != std::vector<std::int64_t>{side, n == 0 ? 0 : side})
      refuse_field(name, "of another shape", "a row and a column for each of " + std::to_string(n) + " cells");
}

}  // namespace

template <class On>
void fields(CellTransfer& t, const On& on) {
  std::vector<CrossedCell> cells = crossed_cells(t);
  std::vector<OmittedCell> omitted;
  for (const auto& [cell, why] : t.left_out) omitted.push_back({cell, why});
  on("cells", cells);
  on("left_out", omitted);
  on("refit", t.refit);
  on("refit_frames", t.refit_frames);
  on("in_place", t.in_place);
  on("moved", t.moved);
  on("order", t.order);
  on("seconds", t.seconds);
  if constexpr (On::kReads) {
    take_crossed(t, cells);
    t.left_out.clear();
    for (const OmittedCell& c : omitted) t.left_out.emplace_back(c.cell, c.error);
    require_square(t.in_place, "in_place", cells.size());
    require_square(t.moved, "moved", cells.size());
  }
}

// ---- between stimuli

template <class On>
void fields(CrossScore& c, const On& on) {
  on.unless_empty("error", c.error);
  if (!c.error.empty()) return;
  fields(c.network, on);
  on("ln", c.ln);
  on("own_ahead", c.own_ahead);
  if (c.own_ahead) on("own_ahead_interval", c.own_ahead_interval);
}

template <class On>
void fields(TunePoint& p, const On& on) {
  on.unless_empty("error", p.error);
  if (p.error.empty()) fields(p.score, on);
  on("learns", p.tuned);
  on("share", p.share);
  on("spikes", p.spikes);
}

/// Rows and columns are named; files before version 1 have the names alone.
struct NamedCurve {
  std::string from, to;
  std::optional<std::size_t> run, target;
  std::vector<TunePoint> points;
};

template <class On>
void fields(NamedCurve& c, const On& on) {
  on("from", c.from);
  on("to", c.to);
  on("run", c.run);
  on("target", c.target);
  on("points", c.points);
}

struct NamedCell {
  std::string name;
  std::vector<std::vector<CrossScore>> scores;
  std::vector<NamedCurve> curves;
};

template <class On>
void fields(NamedCell& c, const On& on) {
  on("name", c.name);
  on("scores", c.scores);
  on.unless_empty("fine_tuning", c.curves);
}

namespace {

std::vector<NamedCell> named_cells(const StimulusTransfer& t) {
  std::vector<NamedCell> cells;
  for (const TransferredCell& cell : t.cells) {
    cells.push_back({cell.name, cell.scores, {}});
    for (const TuneCurve& curve : cell.curves)
      cells.back().curves.push_back({t.runs[curve.from], t.targets[curve.to], curve.from, curve.to, curve.points});
  }
  return cells;
}

std::size_t row_of(const std::vector<std::string>& names, const std::string& name, std::optional<std::size_t> row,
                   const char* key) {
  const auto found = row.value_or(static_cast<std::size_t>(std::ranges::find(names, name) - names.begin()));
  if (found >= names.size()) refuse_field(key, "'" + name + "'", "one of the names of rows and columns");
  return found;
}

void take_named(StimulusTransfer& t, const std::vector<NamedCell>& cells) {
  t.cells.clear();
  for (const NamedCell& cell : cells) {
    TransferredCell taken{cell.name, cell.scores, {}};
    const bool rows = cell.scores.size() == t.runs.size();
    if (!rows || !std::ranges::all_of(cell.scores, [&](const auto& row) { return row.size() == t.targets.size(); }))
      refuse_field("scores", "of another shape", "a row for each run, a column for each target");
    for (const NamedCurve& curve : cell.curves)
      taken.curves.push_back({row_of(t.runs, curve.from, curve.run, "from"),
                              row_of(t.targets, curve.to, curve.target, "to"), curve.points});
    t.cells.push_back(std::move(taken));
  }
}

/// Mean, least and most over the cells that have a figure.
template <class Figure>
json over_cells(const StimulusTransfer& transfer, std::size_t run, std::size_t target, Figure figure) {
  double sum = 0, least = std::numeric_limits<double>::infinity(), most = -least;
  int n = 0;
  for (const auto& cell : transfer.cells) {
    const CrossScore& cross = cell.scores[run][target];
    if (!cross.error.empty()) continue;
    const std::optional<double> value = figure(cross);
    if (!value || !std::isfinite(*value)) continue;
    sum += *value, ++n;
    least = std::min(least, *value), most = std::max(most, *value);
  }
  if (n == 0) return nullptr;
  return {{"mean", sum / n}, {"least", least}, {"most", most}, {"cells", n}};
}

json means_json(const StimulusTransfer& t) {
  auto rows = json::array();
  for (std::size_t run = 0; run < t.runs.size(); ++run)
    for (std::size_t target = 0; target < t.targets.size(); ++target) {
      const auto of = [&](auto figure) { return over_cells(t, run, target, figure); };
      rows.push_back(
          {{"run", t.runs[run]},
           {"target", t.targets[target]},
           {"cc", of([](const CrossScore& c) { return std::optional(c.network.cc); })},
           {"bits_per_spike", of([](const CrossScore& c) { return std::optional(c.network.bits_per_spike); })},
           {"true_rate_cc", of([](const CrossScore& c) { return c.network.true_rate_cc; })},
           {"ln_cc", of([](const CrossScore& c) { return std::optional(c.ln.cc); })},
           {"ln_bits_per_spike", of([](const CrossScore& c) { return std::optional(c.ln.bits_per_spike); })},
           {"ln_true_rate_cc", of([](const CrossScore& c) { return c.ln.true_rate_cc; })},
           {"own_ahead", of([](const CrossScore& c) { return c.own_ahead; })}});
    }
  return rows;
}

}  // namespace

template <class On>
void fields(StimulusTransfer& t, const On& on) {
  std::vector<NamedCell> cells = named_cells(t);
  on("runs", t.runs);
  on("targets", t.targets);
  on("scored_on", t.scored_on);
  on("cells", cells);
  on("left_out", t.left_out);
  on("seconds", t.seconds);
  if constexpr (On::kReads) take_named(t, cells);
}

namespace {

json whole(const CellTransfer& t) {
  json object = json_of(t);
  object["kind"] = "cells";
  return object;
}

json whole(const StimulusTransfer& t) {
  json object = json_of(t);
  object["kind"] = "stimuli";
  object["mean"] = means_json(t);
  return object;
}

template <class T>
void write(const std::filesystem::path& folder, const T& t, const std::vector<Origin>& origins) {
  write_text_atomically(layout::transfer(folder), file_text(with_head(whole(t), artefacts::transfer, origins)));
}

}  // namespace

std::string to_json(const CellTransfer& t) {
  return whole(t).dump();
}

std::string to_json(const StimulusTransfer& t) {
  return whole(t).dump();
}

void write_transfer(const std::filesystem::path& folder, const CellTransfer& t, const Origin& run) {
  write(folder, t, {run});
}

void write_transfer(const std::filesystem::path& folder, const StimulusTransfer& t,
                    const std::vector<Origin>& targets) {
  write(folder, t, targets);
}

std::variant<CellTransfer, StimulusTransfer> read_transfer(const std::filesystem::path& folder,
                                                           const std::vector<Home>& homes) {
  std::variant<CellTransfer, StimulusTransfer> result;
  read_json_file(layout::transfer(folder), artefacts::transfer, {}, [&](const json& file) {
    check_origins(file, artefacts::transfer, homes);
    if (required(file, "kind", "string") != "stimuli") {
      require_kind(file, "cells");
      return fields(result.emplace<CellTransfer>(), GetFields(file));
    }
    fields(result.emplace<StimulusTransfer>(), GetFields(file));
  });
  return result;
}

}  // namespace plexiform
