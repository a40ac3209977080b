#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/score_json.hpp"
#include "verbs.hpp"

namespace {

plexiform::RunScore scored(const RunOptions& options, const Caller& caller) {
  const auto info = plexiform::read_run(options.run);
  if (options.recording)
    return plexiform::score_elsewhere(
        options.run, info, plexiform::open_other_recording(info, *options.recording, options.rescale, options.moved_to),
        options.by_row ? plexiform::CellMatch::by_row : plexiform::CellMatch::by_name, caller.lent(), options.moved_to);
  plexiform::RunScore score;
  plexiform::logged_call(options.run, {caller.command, {}}, [&] {
    const auto recording = plexiform::open_run_recording(info, options.moved_to, caller.lent());
    const auto origin = plexiform::origin_of(options.run, info);  // before, in case a fit goes on meanwhile
    score = plexiform::score_run(options.run, info, recording, caller.lent());
    plexiform::write_score(options.run, score, origin);
  });
  return score;
}

int exit_of(const plexiform::RunScore& score) {
  for (const auto& cell : score.cells)
    if (!cell.error.empty()) return exit_code(plexiform::ErrorKind::data);
  return 0;
}

/// "0.531 (0.498 to 0.562)"; the value alone where the frames make too few blocks for an interval.
std::string with_interval(double value, const plexiform::Interval& interval) {
  char text[64];
  if (std::isfinite(interval.low) && std::isfinite(interval.high))
    std::snprintf(text, sizeof text, "%.3f (%.3f to %.3f)", value, interval.low, interval.high);
  else
    std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// What repeated frames tell.
void print_repeats(const plexiform::CellScore& c) {
  if (!c.network.cc_trial_mean) return;
  std::printf("%14s  %.3f to the mean of the trials (LN %.3f)", "", *c.network.cc_trial_mean,
              c.ln.cc_trial_mean.value_or(0));
  if (c.reliability)
    std::printf(", ceiling %.3f, normalised %.3f (%.3f), explained variance %.3f (%.3f), oracle %.3f",
                c.reliability->ceiling, c.network.cc_normalised.value_or(0), c.ln.cc_normalised.value_or(0),
                c.network.feve.value_or(0), c.ln.feve.value_or(0), c.oracle.value_or(0));
  std::printf("\n");
}

}  // namespace

void print_scores(const plexiform::RunScore& score) {
  std::printf("scored on the %s; 95 %% intervals over blocks of time\n", score.scored_on.c_str());
  std::printf("%6s %7s  %-24s %7s  %-24s %8s %8s %10s\n", "cell", "spikes", "correlation", "LN", "bits per spike", "LN",
              "true", "LN true");
  int scored = 0, repeated = 0, in_all_trials = 0;
  for (const auto& c : score.cells) {
    if (!c.error.empty()) {
      std::printf("%6ld %s\n", c.cell, c.error.c_str());
      continue;
    }
    char truth[16] = "-", ln_truth[16] = "-";
    const std::string cc = with_interval(c.network.cc, c.network.cc_interval);
    const std::string bits = with_interval(c.network.bits_per_spike, c.network.bits_interval);
    if (c.network.true_rate_cc) std::snprintf(truth, sizeof truth, "%.3f", *c.network.true_rate_cc);
    if (c.ln.true_rate_cc) std::snprintf(ln_truth, sizeof ln_truth, "%.3f", *c.ln.true_rate_cc);
    std::printf("%6ld %7.0f  %-24s %7.3f  %-24s %8.3f %8s %10s%s\n", c.cell, c.n_spikes, cc.c_str(), c.ln.cc,
                bits.c_str(), c.ln.bits_per_spike, truth, ln_truth, c.ended ? "" : "  (unfinished fit)");
    print_repeats(c);
    if (c.network.cc_trial_mean) ++repeated;
    if (c.reliability) ++in_all_trials;
    ++scored;
  }
  if (scored > 0 && repeated == 0)
    std::printf("no scored frame was shown several times: no reliability, ceiling or explained variance\n");
  else if (in_all_trials == 0 && repeated > 0)
    std::printf("not all scored frames were shown in all trials: no reliability, ceiling or explained variance\n");
}

int score_verb(const RunOptions& options, const Caller& caller) {
  const auto score = scored(options, caller);
  if (caller.common.json)
    std::printf("%s\n", plexiform::to_json(score).c_str());
  else
    print_scores(score);
  return exit_of(score);
}

int predict_verb(const RunOptions& options, const Caller& caller) {
  const auto info = plexiform::read_run(options.run);
  const auto recording =
      options.recording ? plexiform::open_other_recording(info, *options.recording, options.rescale, options.moved_to)
                        : plexiform::open_run_recording(info, options.moved_to, caller.lent());
  const auto rates = plexiform::predict_run(options.run, info, recording, caller.lent());
  plexiform::write_npy(options.output, rates);
  int exit = 0;
  for (std::size_t i = 0; i < info.cells.size(); ++i) {
    const auto row = rates.row(static_cast<std::int64_t>(i));
    if (!std::ranges::all_of(row, [](float rate) { return std::isnan(rate); })) continue;
    remark("cell " + std::to_string(info.cells[i]) + ": no fitted model; its rates are NaN");
    exit = exit_code(plexiform::ErrorKind::data);
  }
  if (caller.common.json)
    std::printf("%s\n", nlohmann::json({{"rates", options.output.string()}, {"shape", rates.shape}}).dump().c_str());
  else if (!caller.common.quiet)
    std::fprintf(stderr, "%s: %ld cells x %ld frames, spikes per frame\n", options.output.c_str(), rates.shape[0],
                 rates.shape[1]);
  return exit;
}
