#include "plexiform/transfer/cross_stimuli.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/recording/geometry.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/score/score_rates.hpp"
#include "plexiform/transfer/still_images.hpp"

namespace plexiform {
namespace {

bool has_networks(const FittedModels& run) {
  return std::ranges::any_of(run.fits, [](const CellFit& fit) { return std::holds_alternative<Network>(fit.model); });
}

/// Lists of subunits look back as far as their cells' responses last.
void require_same_lags(std::span<const FittedModels> runs) {
  if (std::ranges::none_of(runs, has_networks)) return;
  for (const auto& run : runs) {
    const auto here = runs[0].settings.model.lags, there = run.settings.model.lags;
    if (here == there) continue;
    throw Error(ErrorKind::data,
                runs[0].name + " looks back " + std::to_string(here) + " frames, " + run.name + " " +
                    std::to_string(there) + ", so they cannot share test frames",
                "fit both with the same lags");
  }
}

TransferTarget target_of(const FittedModels& run, std::size_t number) {
  TransferTarget target{.name = run.recording_name, .recording = &run.recording, .run = number};
  target.bins = make_split(run.recording, run.split).test();
  target.scored_on = target.bins.empty() ? "fresh frames" : "test block";
  if (target.bins.empty() && !continues_beyond(run.recording))
    throw Error(ErrorKind::data,
                run.name + ": there is no test block, and the recording has no truth to draw fresh frames from",
                "fit with a test block");
  return target;
}

TransferTarget target_of(const OtherRecording& other, std::int64_t lags) {
  TransferTarget target{.name = other.name, .recording = &other.recording};
  target.flashed = other.recording.kind == RecordingKind::flashed;
  target.scored_on = target.flashed ? "flashed images" : "whole recording";
  target.bins = bins_with_history(other.recording, target.flashed ? 1 : lags);
  return target;
}

/// The network is read at the peak of its response to a step, which is taken to last the whole window.
CellScore score_on_images(const FittedModels& run, const TransferTarget& target, const Recording& shown,
                          const CellFit& fit, const Context& context) {
  const std::int64_t lags = run.settings.model.lags;
  const Recording steps = steps_of(shown, lags, peak_of_step(fit.model));
  CellFit still = fit;  // images have no past that a gain could follow
  if (auto* subunits = std::get_if<SubunitModel>(&still.model)) {
    subunits->divisive.reset();
    subunits->model.gains.clear();
  }
  ScoredFrames frames = frames_of(steps, fit.cell, bins_with_history(steps, lags));
  frames.bins.block_bins = steps.bins() / target.recording->stimulus->frames();  // images, whose trials stand together
  frames.bin_frames = bins_per_second(run.recording) / bins_per_second(*target.recording);
  return score_cell(still, steps, frames, run.seed, context);
}

}  // namespace

std::vector<TransferTarget> targets_of(std::span<const FittedModels> runs, std::span<const OtherRecording> others) {
  if (runs.empty() || runs.size() + others.size() < 2)
    throw Error(ErrorKind::usage, "models of one recording and no other recording: nothing to test them on",
                "give models of several recordings, or more recordings of the same cells")
        .mended_by("to");
  require_same_lags(runs);
  std::vector<TransferTarget> targets;
  for (std::size_t i = 0; i < runs.size(); ++i) targets.push_back(target_of(runs[i], i));
  std::int64_t lags = 0;
  for (const auto& run : runs) lags = std::max(lags, run.settings.model.lags);
  for (const auto& other : others) targets.push_back(target_of(other, lags));
  return targets;
}

std::optional<Recording> seen_by(const FittedModels& run, const TransferTarget& target, bool rescale) {
  Geometry own = geometry_of(run.recording);
  const Geometry other = geometry_of(*target.recording);
  if (target.flashed) own.frame_rate = other.frame_rate;  // images have no rate
  if (same_geometry(own, other)) return std::nullopt;
  if (!rescale) require_same_geometry(run.name, own, target.name, other);
  if (target.bins.empty())
    throw Error(ErrorKind::data, target.name + ": there is no test block, and fresh frames are not rescaled",
                "fit with a test block");
  try {
    return rescaled(*target.recording, target.bins, own);
  } catch (const Error& error) {
    throw error.at(target.name + ", as " + run.name + " sees it");
  }
}

CellScore score_on(const FittedModels& run, const TransferTarget& target, const std::optional<Recording>& seen,
                   const CellFit& fit, const Context& context) {
  const Recording& shown = seen ? *seen : *target.recording;
  if (target.flashed) return score_on_images(run, target, shown, fit, context);
  if (seen) {
    const auto bins = bins_with_history(shown, run.settings.model.lags);
    return score_cell(fit, shown, frames_of(shown, fit.cell, bins), run.seed, context);
  }
  const ScoredFrames frames =
      target.bins.empty() ? fresh_frames(shown, fit.cell, context) : frames_of(shown, fit.cell, target.bins);
  return score_cell(fit, shown, frames, run.seed, context);
}

void set_own_ahead(CrossScore& cross, const CellScore& score, const CellScore& own, std::uint64_t seed) {
  if (score.counts != own.counts) return;
  cross.own_ahead = own.network.bits_per_spike - score.network.bits_per_spike;
  cross.own_ahead_interval =
      bits_difference_interval(own.rate, score.rate, own.counts, blocks_of(own.n_frames, kScoreBlockFrames), seed);
}

std::vector<CellFit> fits_of(const StimulusCrossing& crossing, const SharedCell& cell) {
  std::vector<CellFit> fits;
  for (std::size_t run = 0; run < crossing.runs.size(); ++run) {
    const auto& all = crossing.runs[run].fits;
    const auto found = std::ranges::find(all, cell.row[run], &CellFit::cell);
    if (found == all.end()) throw InternalError("fits_of: no fit of a shared cell");
    fits.push_back(*found);
  }
  return fits;
}

std::vector<CrossScore> score_target(const StimulusCrossing& crossing, const SharedCell& cell,
                                     std::span<const CellFit> fits, std::size_t t, const Context& context) {
  const TransferTarget& target = crossing.targets[t];
  std::vector<CrossScore> crosses(fits.size());
  std::vector<CellScore> scores(fits.size());
  for (std::size_t run = 0; run < fits.size(); ++run) {
    check_stop(context);
    try {
      CellFit fit = fits[run];
      fit.cell = cell.row[t];
      scores[run] = score_on(crossing.runs[run], target, crossing.seen[run][t], fit, context);
      crosses[run].network = scores[run].network;
      crosses[run].ln = scores[run].ln;
    } catch (const Error& error) {
      crosses[run].error = noted(error);
    }
  }
  if (!target.run || !crosses[*target.run].error.empty()) return crosses;
  for (std::size_t run = 0; run < fits.size(); ++run)
    if (run != *target.run && crosses[run].error.empty())
      set_own_ahead(crosses[run], scores[run], scores[*target.run], crossing.runs[*target.run].seed);
  return crosses;
}

TransferFigures figures_of(const TransferredCell& cell, std::span<const TransferTarget> targets) {
  TransferFigures figures;
  const auto mean = [&](bool own) {
    double sum = 0, n = 0;
    for (std::size_t run = 0; run < cell.scores.size(); ++run)
      for (std::size_t t = 0; t < targets.size(); ++t) {
        const CrossScore& cross = cell.scores[run][t];
        const double bits = cross.network.bits_per_spike;
        if ((targets[t].run == run) == own && cross.error.empty() && std::isfinite(bits)) sum += bits, n += 1;
      }
    return sum / n;
  };
  figures.own = mean(true);
  figures.elsewhere = mean(false);
  for (const auto& row : cell.scores)
    for (const auto& cross : row)
      if (figures.error.empty()) figures.error = cross.error;
  return figures;
}

}  // namespace plexiform
