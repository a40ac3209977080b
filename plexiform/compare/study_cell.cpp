#include "plexiform/compare/study_cell.hpp"

#include <chrono>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/compare/reveal_beside_truth.hpp"
#include "plexiform/evaluate/recovery.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/map_subunits.hpp"

namespace plexiform {
namespace {

/// What was found of the true subunits: by reveal, and by the peaks of the network's own map.
void set_recovery(StudyPiece& piece, const CellSubunits& revealed, std::span<const Subunit> peaks,
                  const Circuit& truth) {
  const Recovery recovery = recovery_of(revealed.truth, truth);
  piece.mean_match = recovery.mean_match;
  piece.found = static_cast<double>(recovery.found);
  piece.network_match = recovery_of(match_truth(spatial_filters(peaks), truth), truth).mean_match;
}

void set_result(StudyPiece& piece, const CellScore& score, const CellSubunits& revealed, const CellFit& fit,
                const Recording& recording) {
  piece.bits_per_spike = score.network.bits_per_spike;
  piece.cc = score.network.cc;
  piece.true_rate_cc = score.network.true_rate_cc;
  piece.number = static_cast<double>(revealed.subunits.size());
  const auto peaks = map_subunits(fit, recording.stimulus->shape());
  piece.network_number = static_cast<double>(peaks.size());
  if (!recording.truth.empty())
    set_recovery(piece, revealed, peaks, recording.truth[static_cast<std::size_t>(fit.cell)]);
}

}  // namespace

StudiedCell study_cell(const CellFit& fit, const Recording& recording, const Split& split, const ScoredFrames& frames,
                       const TrainSettings& train, std::uint64_t seed, const Context& context) {
  const at::NoGradGuard no_gradient;
  const OneTorchThread one_thread;
  RevealFitSettings settings;
  settings.reveal.quick = true;
  settings.train = train;
  StudiedCell cell;
  cell.piece.seed = seed;
  cell.piece.cell = fit.cell;
  cell.revealed = reveal_beside_truth(fit, recording, split, settings, seed, context);
  cell.piece.error = cell.revealed.subunits.error;
  if (!cell.piece.error.empty()) return cell;
  check_stop(context);
  try {
    const CellScore score = score_cell(fit, recording, frames, seed, part_of(context, threads_of(context), 1));
    set_result(cell.piece, score, cell.revealed.subunits, fit, recording);
  } catch (const Error& error) {
    cell.piece.error = noted(error);
  }
  return cell;
}

StudyPiece study_piece(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                       std::uint64_t seed, const Context& context) {
  const auto begun = std::chrono::steady_clock::now();
  StudyPiece piece;
  piece.seed = seed;
  piece.cell = cell;
  try {
    const ScoredFrames frames = unseen_frames(recording, cell, split, context);
    const CellFit fit = fit_cell(recording, cell, split, settings, seed, context);
    piece = study_cell(fit, recording, split, frames, settings.train, seed, context).piece;
  } catch (const Error& error) {
    piece.error = noted(error);
  }
  piece.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return piece;
}

}  // namespace plexiform
