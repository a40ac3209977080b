#include "plexiform/compare/compare_cell.hpp"

#include <chrono>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/compare/reveal_beside_truth.hpp"
#include "plexiform/evaluate/recovery.hpp"
#include "plexiform/model/arrays.hpp"
#include "plexiform/model/torch_errors_impl.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/map_subunits.hpp"

namespace plexiform {
namespace {

/// What all methods of one comparison share.
struct Shared {
  const CellFit& fit;
  const Recording& recording;
  const Split& split;
  const ScoredFrames& frames;
  const ComparisonSettings& settings;
  const std::uint64_t seed;
  const Context& context;
};

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

const Circuit* truth_of(const Recording& recording, std::int64_t cell) {
  return recording.truth.empty() ? nullptr : &recording.truth[static_cast<std::size_t>(cell)];
}

/// Scores the cell with another model. What cannot be scored is noted.
CellScore score_of(const Shared& shared, const CellModel& model) {
  CellFit fit = shared.fit;
  fit.model = model;
  try {
    return score_cell(fit, shared.recording, shared.frames, shared.seed, shared.context);
  } catch (const Error& error) {
    CellScore failed;
    failed.cell = fit.cell;
    failed.error = noted(error);
    return failed;
  }
}

void set_recovery(MethodResult& row, const NdArray<float>& found, const Circuit& truth) {
  const Recovery recovery = recovery_of(match_truth(found, truth), truth);
  row.mean_match = recovery.mean_match;
  row.found = recovery.found;
}

/// The rows "ln" and "cnn".
std::vector<MethodResult> network_rows(const Shared& shared, const CellScore& score) {
  CellScore ln = score;
  ln.network = score.ln;
  ln.bits_gain = {};
  std::vector<MethodResult> rows = {row_of("ln", ln), row_of("cnn", score)};
  if (!score.error.empty()) return rows;
  rows[0].chosen = "one filter";
  rows[1].chosen = score.subunits;
  const auto peaks = map_subunits(shared.fit, shared.recording.stimulus->shape());
  rows[1].number = static_cast<std::int64_t>(peaks.size());
  if (const Circuit* truth = truth_of(shared.recording, shared.fit.cell))
    set_recovery(rows[1], spatial_filters(peaks), *truth);
  return rows;
}

/// How many subunits a method revealed, and how many of the true ones they are.
void set_revealed(MethodResult& row, const CellSubunits& revealed, const Shared& shared) {
  row.number = static_cast<std::int64_t>(revealed.subunits.size());
  if (const Circuit* truth = truth_of(shared.recording, shared.fit.cell))
    set_recovery(row, spatial_filters(revealed.subunits), *truth);
}

/// The same of a method's modules.
void set_modules(MethodResult& row, const MethodModel& model, const Shared& shared) {
  if (model.revealed) return set_revealed(row, *model.revealed, shared);
  if (!model.modules) return;
  row.number = model.modules->size(0);
  if (const Circuit* truth = truth_of(shared.recording, shared.fit.cell))
    set_recovery(
        row,
        on_grid(to_array(*model.modules), shared.fit.window.window, truth->spatial.shape[1], truth->spatial.shape[2]),
        *truth);
}

MethodData data_of(const Shared& shared) {
  return method_data(shared.recording, shared.split, shared.fit, shared.settings.reveal.train.block_seconds,
                     derived_seed(cell_seed(shared.seed, shared.fit.cell), purposes::after_fit::kMethods),
                     shared.context);
}

struct Attempt {
  std::optional<MethodModel> model;
  std::string error;
};
/// A method that finds nothing is a result.
Attempt attempt(const Method& method, const MethodData& data, const RevealedFit& revealed) {
  try {
    return {as_numeric_error(method.name, [&] { return method.find(data, revealed); }), ""};
  } catch (const Error& error) {
    return {{}, noted(error)};
  }
}

/// Runs one method and scores what it found: its row in the table, and what it left.
void add_method(ComparedCell& cell, const Shared& shared, const Method& method, std::optional<MethodData>& data) {
  const auto begun = std::chrono::steady_clock::now();
  if (method.name == "reveal")
    cell.revealed = reveal_beside_truth(shared.fit, shared.recording, shared.split, shared.settings.reveal, shared.seed,
                                        shared.context);
  if (!data) data.emplace(data_of(shared));  // now, since reveal holds a filtered movie of its own
  Attempt made = attempt(method, *data, cell.revealed);
  const double seconds = seconds_since(begun);
  ComparedMethod& left = cell.methods.emplace_back();
  left.method = method.name;
  if (made.model) {
    left.score = score_of(shared, made.model->model);
  } else {
    left.score.cell = shared.fit.cell;
    left.score.error = made.error;
  }
  MethodResult& row = cell.table.methods.emplace_back(row_of(method.name, left.score));
  row.seconds = seconds;
  if (!made.model) return;
  row.chosen = made.model->chosen;
  set_modules(row, *made.model, shared);
  left.model = std::move(made.model);
}

CellComparison empty_table(const Recording& recording, std::int64_t cell) {
  CellComparison table;
  table.cell = cell;
  table.name = shown_name(recording, cell);
  if (const Circuit* truth = truth_of(recording, cell))
    table.true_subunits = static_cast<std::int64_t>(driving_subunits(*truth).size());
  return table;
}

}  // namespace

ComparedCell compare_cell(const CellFit& fit, const Recording& recording, const Split& split,
                          const ScoredFrames& frames, const ComparisonSettings& settings, std::uint64_t seed,
                          const Context& context, const ComparisonHooks& hooks) {
  const auto methods = methods_named(settings.methods);
  require_grid(fit, recording);
  const at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  const Context part = part_of(context, threads_of(context), 1);
  const Shared shared{fit, recording, split, frames, settings, seed, part};
  ComparedCell cell;
  cell.table = empty_table(recording, fit.cell);
  cell.score = score_of(shared, fit.model);
  cell.table.n_spikes = cell.score.n_spikes;
  cell.table.methods = network_rows(shared, cell.score);
  std::optional<MethodData> data;
  for (const auto& method : methods) {
    check_stop(context);
    if (hooks.begun) hooks.begun(method.name);
    add_method(cell, shared, method, data);
    if (hooks.done) hooks.done(cell.table.methods.back());
    tell(context,
         {method.name, static_cast<double>(cell.methods.size()), static_cast<double>(methods.size()), "methods", ""});
  }
  return cell;
}

ComparedCell compare_cell(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                          std::uint64_t seed, const Context& context) {
  const ScoredFrames frames = unseen_frames(recording, cell, split, context);
  ComparisonSettings comparison;
  comparison.reveal.train = settings.train;
  const CellFit fit = fit_cell(recording, cell, split, settings, seed, part_of(context, threads_of(context), 1));
  return compare_cell(fit, recording, split, frames, comparison, seed, context);
}

ComparedCell cell_without_fit(const Recording& recording, std::int64_t cell, const std::string& error,
                              const ComparisonSettings& settings) {
  ComparedCell all;
  all.table = empty_table(recording, cell);
  all.score.cell = cell;
  all.score.error = error;
  all.revealed = nothing_revealed(recording, cell, error);
  all.table.methods = {row_of("ln", all.score), row_of("cnn", all.score)};
  for (const auto& method : methods_named(settings.methods)) {
    all.methods.push_back({method.name, {}, all.score});
    all.table.methods.push_back(row_of(method.name, all.score));
    all.table.methods.back().seconds = 0;
  }
  return all;
}

MethodResult row_of(const std::string& method, const CellScore& score) {
  MethodResult row;
  row.method = method;
  row.error = score.error;
  row.score = score.network;
  row.gain = score.network.bits_per_spike - score.ln.bits_per_spike;
  row.gain_interval = score.bits_gain;
  return row;
}

}  // namespace plexiform
