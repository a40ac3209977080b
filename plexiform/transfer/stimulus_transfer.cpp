#include "plexiform/transfer/stimulus_transfer.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/transfer/fine_tune.hpp"

namespace plexiform {
namespace {

constexpr double kScoreShare = 0.05;  ///< of the time of a cell whose networks are tuned too; about

void require_sense(std::span<const FittedModels> runs, const StimulusTransferSettings& settings) {
  for (const double share : settings.shares)
    if (!(share > 0 && share <= 1))
      throw Error(ErrorKind::usage,
                  "a share of the training data is " + std::to_string(share) + ", expected above 0 and at most 1")
          .mended_by("shares");
  if (settings.shares.empty()) return;
  for (const auto& run : runs) {
    try {
      require_tunable(run.split);
    } catch (const Error& error) {
      throw error.at(run.name);
    }
  }
}

/// Networks go on learning on the grid and at the rate that they have.
void require_as_it_is(const FittedModels& run, const TransferTarget& target, bool rescaled,
                      const StimulusTransferSettings& settings) {
  if (rescaled && !settings.shares.empty())
    throw Error(ErrorKind::usage,
                "fine-tuning continues networks on the grid and at the rate of their own recording, and " +
                    target.name + " has another than that of " + run.name,
                "fine-tune on recordings of one geometry only");
}

SharedCells cells_of(std::span<const FittedModels> runs, std::span<const TransferTarget> targets, CellMatch match) {
  std::vector<NamedRecording> named;
  for (const auto& target : targets) {
    NamedRecording one{target.name, target.recording, {}};
    if (target.run)
      for (const auto& fit : runs[*target.run].fits) one.cells.push_back(fit.cell);
    else
      one.cells = checked_cells({}, *target.recording);
    named.push_back(std::move(one));
  }
  return shared_cells(named, match);
}

/// Curves of all pairs of runs. `part`: what one cell may use.
std::vector<TuneCurve> tune_cell(const StimulusCrossing& crossing, const SharedCell& cell,
                                 std::span<const CellFit> fits, std::span<const double> shares, const Context& context,
                                 const Context& part, const std::function<void(double)>& moved) {
  std::vector<TuneCurve> curves;
  const std::size_t n = crossing.runs.size();
  for (std::size_t from = 0; from < n; ++from)
    for (std::size_t to = 0; to < n; ++to) {
      if (from == to) continue;
      tell(
          context,
          {cell.name + ": from " + crossing.runs[from].name + " to " + crossing.runs[to].recording_name, 0, 0, {}, {}});
      CellFit fit = fits[from];
      fit.cell = cell.row[to];
      TuneCurve curve = fine_tune(fit, fits[to].window, crossing.runs[to], shares, part);
      curve.from = from;
      curve.to = to;
      curves.push_back(std::move(curve));
      moved(static_cast<double>(curves.size()) / static_cast<double>(n * (n - 1)));
    }
  return curves;
}

/// Scores of all runs on all targets, and curves of all pairs of runs where networks are tuned.
TransferredCell cross_cell(const StimulusCrossing& crossing, const SharedCell& cell,
                           const StimulusTransferSettings& settings, const Context& context, const Context& part,
                           const std::function<void(double)>& moved) {
  TransferredCell to;
  to.name = cell.name;
  const std::vector<CellFit> fits = fits_of(crossing, cell);
  const std::size_t n = crossing.targets.size();
  to.scores.assign(fits.size(), std::vector<CrossScore>(n));
  const double scoring = settings.shares.empty() ? 1 : kScoreShare;
  for (std::size_t t = 0; t < n; ++t) {
    const auto column = score_target(crossing, cell, fits, t, part);
    for (std::size_t run = 0; run < fits.size(); ++run) to.scores[run][t] = column[run];
    moved(scoring * static_cast<double>(t + 1) / static_cast<double>(n));
  }
  if (!settings.shares.empty())
    to.curves = tune_cell(crossing, cell, fits, settings.shares, context, part,
                          [&](double share) { moved(scoring + (1 - scoring) * share); });
  return to;
}

}  // namespace

StimulusCrossing prepare_crossing(std::span<const FittedModels> runs, std::span<const OtherRecording> others,
                                  const StimulusTransferSettings& settings) {
  require_sense(runs, settings);
  StimulusCrossing crossing{.runs = runs, .targets = targets_of(runs, others)};
  for (const auto& run : runs) {
    auto& row = crossing.seen.emplace_back();
    for (const auto& target : crossing.targets) {
      row.push_back(seen_by(run, target, settings.rescale));
      require_as_it_is(run, target, row.back().has_value(), settings);
    }
  }
  SharedCells shared = cells_of(runs, crossing.targets, settings.match);
  crossing.cells = std::move(shared.cells);
  crossing.left_out = std::move(shared.left_out);
  return crossing;
}

StimulusTransfer cross(const StimulusCrossing& crossing, const StimulusTransferSettings& settings,
                       const Context& context, const TransferHooks& hooks) {
  const auto begun = std::chrono::steady_clock::now();
  const at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  StimulusTransfer result;
  for (const auto& run : crossing.runs) result.runs.push_back(run.name);
  for (const auto& target : crossing.targets) {
    result.targets.push_back(target.name);
    result.scored_on.push_back(target.scored_on);
  }
  result.left_out = crossing.left_out;
  result.cells.resize(crossing.cells.size());
  const auto count = static_cast<std::int64_t>(crossing.cells.size());
  const Context part = part_of(context, 1, std::min<std::int64_t>(threads_of(context), count));
  parallel_each(count, threads_of(context), [&](std::int64_t at) {
    const auto i = static_cast<std::size_t>(at);
    if (hooks.begun) hooks.begun(i);
    result.cells[i] = cross_cell(crossing, crossing.cells[i], settings, context, part, [&](double share) {
      if (hooks.moved) hooks.moved(i, share);
    });
    if (hooks.done) hooks.done(i, figures_of(result.cells[i], crossing.targets));
  });
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return result;
}

StimulusTransfer transfer_between_stimuli(std::span<const FittedModels> runs, std::span<const OtherRecording> others,
                                          const StimulusTransferSettings& settings, const Context& context,
                                          const TransferHooks& hooks) {
  return cross(prepare_crossing(runs, others, settings), settings, context, hooks);
}

}  // namespace plexiform
