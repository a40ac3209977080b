#include "plexiform/transfer/transfer_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "plexiform/report/svg.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

json number(double value) {
  return std::isfinite(value) ? json(value) : json();
}

json interval(const Interval& i) {
  return {number(i.low), number(i.high)};
}

json table(const NdArray<double>& values) {
  auto rows = json::array();
  for (std::int64_t i = 0; i < values.shape[0]; ++i) {
    auto row = json::array();
    for (const double v : values.row(i)) row.push_back(number(v));
    rows.push_back(row);
  }
  return rows;
}

json matrix_json(const CrossMatrix& m) {
  return {{"cc", table(m.cc)},
          {"bits_per_spike", table(m.bits)},
          {"own_ahead", table(m.own_ahead)},
          {"own_ahead_low", table(m.low)},
          {"own_ahead_high", table(m.high)},
          {"p", table(m.p)}};
}

json model_json(const ModelScore& s) {
  json j = {{"cc", number(s.cc)},
            {"cc_interval", interval(s.cc_interval)},
            {"bits_per_spike", number(s.bits_per_spike)},
            {"bits_interval", interval(s.bits_interval)}};
  if (s.true_rate_cc) j["true_rate_cc"] = number(*s.true_rate_cc);
  if (s.cc_trial_mean) j["cc_trial_mean"] = number(*s.cc_trial_mean);
  if (s.feve) j["feve"] = number(*s.feve);
  return j;
}

json cross_json(const CrossScore& cross) {
  if (!cross.error.empty()) return {{"error", cross.error}};
  json j = model_json(cross.network);
  j["ln"] = model_json(cross.ln);
  if (cross.own_ahead) {
    j["own_ahead"] = number(*cross.own_ahead);
    j["own_ahead_interval"] = interval(cross.own_ahead_interval);
  }
  return j;
}

json curve_json(const TuneCurve& curve, const StimulusTransfer& of) {
  auto points = json::array();
  for (const auto& p : curve.points) {
    json point = p.error.empty() ? model_json(p.score) : json({{"error", p.error}});
    point["learns"] = to_string(p.tuned);
    point["share"] = p.share;
    point["spikes"] = p.spikes;
    points.push_back(point);
  }
  return {{"from", of.runs[curve.from]}, {"to", of.targets[curve.to]}, {"points", points}};
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

NdArray<double> reordered(const NdArray<double>& values, const std::vector<std::int64_t>& order) {
  NdArray<double> to(values.shape);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < order.size(); ++j)
      to.values[i * order.size() + j] = values.row(order[i])[static_cast<std::size_t>(order[j])];
  return to;
}

/// Mean over cells at one share of those that learn so.
double mean_point(const StimulusTransfer& t, std::size_t from, std::size_t to, Tuned tuned, double share) {
  double sum = 0;
  int n = 0;
  for (const auto& cell : t.cells)
    for (const auto& curve : cell.curves) {
      if (curve.from != from || curve.to != to) continue;
      for (const auto& p : curve.points)
        if (p.tuned == tuned && p.share == share && p.error.empty()) sum += p.score.bits_per_spike, ++n;
    }
  return n > 0 ? sum / n : kNan;
}

std::string share_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%g %%", 100 * share);
  return text;
}

}  // namespace

std::string to_json(const CellTransfer& t) {
  json cells = json::array(), left_out = json::array();
  for (std::size_t i = 0; i < t.cells.size(); ++i) {
    json cell = {{"cell", t.cells[i]}, {"name", t.names[i]}, {"n_spikes", t.spikes[i]}};
    cell["own_exceeds_all_others"] = t.others[i].own_exceeds;
    if (t.others[i].model >= 0) cell["best_other"] = t.cells[static_cast<std::size_t>(t.others[i].model)];
    cells.push_back(cell);
  }
  for (const auto& [cell, why] : t.left_out) left_out.push_back({{"cell", cell}, {"error", why}});
  return json({{"kind", "cells"},
               {"cells", cells},
               {"left_out", left_out},
               {"refit", t.refit},
               {"refit_frames", t.refit_frames},
               {"in_place", matrix_json(t.in_place)},
               {"moved", matrix_json(t.moved)},
               {"order", t.order},
               {"seconds", t.seconds}})
      .dump();
}

std::string to_json(const StimulusTransfer& t) {
  auto cells = json::array();
  for (const auto& cell : t.cells) {
    auto rows = json::array();
    for (const auto& row : cell.scores) {
      auto columns = json::array();
      for (const auto& cross : row) columns.push_back(cross_json(cross));
      rows.push_back(columns);
    }
    json one = {{"name", cell.name}, {"scores", rows}};
    if (!cell.curves.empty()) one["fine_tuning"] = json::array();
    for (const auto& curve : cell.curves) one["fine_tuning"].push_back(curve_json(curve, t));
    cells.push_back(one);
  }
  return json({{"kind", "stimuli"},
               {"runs", t.runs},
               {"targets", t.targets},
               {"scored_on", t.scored_on},
               {"cells", cells},
               {"left_out", t.left_out},
               {"mean", means_json(t)},
               {"seconds", t.seconds}})
      .dump();
}

std::string picture(const CellTransfer& t) {
  std::vector<std::string> names;
  for (const auto i : t.order) names.push_back(std::to_string(t.cells[static_cast<std::size_t>(i)]));
  double most = 0;
  for (const double v : t.moved.cc.values)
    if (std::isfinite(v)) most = std::max(most, v);
  return matrix_svg(reordered(t.moved.cc, t.order), names, names, {"model of cell", "tested on cell", "correlation"}, 0,
                    most > 0 ? most : 1, "Each cell's model on all cells, its window moved there");
}

std::string picture(const StimulusTransfer& t, std::size_t from, std::size_t to) {
  std::vector<double> shares;
  for (const auto& cell : t.cells)
    for (const auto& curve : cell.curves)
      for (const auto& p : curve.points)
        if (std::ranges::find(shares, p.share) == shares.end()) shares.push_back(p.share);
  std::ranges::sort(shares);
  std::vector<std::string> steps;
  std::vector<Line> lines{{"all", "#1f4e9c", {}}, {"output", "#b35806", {}}, {"from nothing", "#777777", {}}};
  constexpr Tuned kTuned[] = {Tuned::all, Tuned::output, Tuned::from_nothing};
  for (const double share : shares) {
    steps.push_back(share_text(share));
    for (std::size_t i = 0; i < 3; ++i)
      lines[i].values.push_back(share > 0 ? mean_point(t, from, to, kTuned[i], share)
                                : i < 2   ? mean_point(t, from, to, Tuned::nothing, 0)
                                          : kNan);
  }
  return step_plot_svg(lines, steps, "share of the training frames of " + t.targets[to], "bits per spike",
                       "From " + t.runs[from] + " to " + t.targets[to] + ": what learns");
}

}  // namespace plexiform
