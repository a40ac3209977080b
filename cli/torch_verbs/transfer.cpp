#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/progress/call.hpp"
#include "plexiform/settings/run.hpp"
#include "plexiform/transfer/cell_transfer.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"
#include "plexiform/transfer/transfer_json.hpp"
#include "rows.hpp"
#include "verbs.hpp"

namespace {

namespace fs = std::filesystem;

void print_cells(const plexiform::CellTransfer& t) {
  const std::size_t n = t.cells.size();
  const auto at = [&](const plexiform::NdArray<double>& values, std::int64_t model, std::size_t cell) {
    return model < 0 ? std::nan("") : values.values[static_cast<std::size_t>(model) * n + cell];
  };
  std::printf("%zu cells, on the test block of each; other models with their window moved%s\n", n,
              t.refit > 0
                  ? (", scale and offset refitted to " + std::to_string(t.refit_frames) + " training frames").c_str()
                  : "");
  std::printf("%6s %7s %7s %7s %7s %7s %7s  %-26s %s\n", "cell", "spikes", "cc", "bits", "other", "cc", "bits",
              "own ahead, bits (95 %)", "ahead of all (5 %, Holm)");
  std::size_t exceeding = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (t.spikes[i] == 0) {
      std::printf("%6ld %7.0f no spike in the test block: nothing to be predicted\n", t.cells[i], t.spikes[i]);
      continue;
    }
    const auto other = t.others[i].model;
    exceeding += t.others[i].own_exceeds ? 1 : 0;
    char ahead[64];
    std::snprintf(ahead, sizeof ahead, "%+.3f (%+.3f to %+.3f)", at(t.moved.own_ahead, other, i),
                  at(t.moved.low, other, i), at(t.moved.high, other, i));
    std::printf("%6ld %7.0f %7.3f %7.3f %7s %7.3f %7.3f  %-26s %s\n", t.cells[i], t.spikes[i],
                at(t.moved.cc, static_cast<std::int64_t>(i), i), at(t.moved.bits, static_cast<std::int64_t>(i), i),
                other < 0 ? "-" : std::to_string(t.cells[static_cast<std::size_t>(other)]).c_str(),
                at(t.moved.cc, other, i), at(t.moved.bits, other, i), ahead, t.others[i].own_exceeds ? "yes" : "no");
  }
  std::printf("own model ahead of every other: %zu of %zu\n", exceeding, n);
  for (const auto& [cell, why] : t.left_out) std::printf("left out: cell %ld: %s\n", cell, why.c_str());
}

void print_mean(const char* what, const plexiform::StimulusTransfer& t, std::size_t run, std::size_t target, bool ln) {
  double sums[3] = {}, n[3] = {};
  for (const auto& cell : t.cells) {
    const auto& cross = cell.scores[run][target];
    if (!cross.error.empty()) continue;
    const auto& score = ln ? cross.ln : cross.network;
    const double values[3] = {score.cc, score.bits_per_spike, score.true_rate_cc.value_or(std::nan(""))};
    for (int i = 0; i < 3; ++i)
      if (std::isfinite(values[i])) sums[i] += values[i], n[i] += 1;
  }
  if (n[0] == 0) return;
  std::printf("  %-8s %8.3f %8.3f", what, sums[0] / n[0], sums[1] / n[1]);
  if (n[2] > 0)
    std::printf(" %8.3f\n", sums[2] / n[2]);
  else
    std::printf(" %8s\n", "-");
}

/// Cells without a score, and why.
void print_failures(const plexiform::StimulusTransfer& t, std::size_t run, std::size_t target) {
  for (const auto& cell : t.cells)
    if (const auto& error = cell.scores[run][target].error; !error.empty())
      std::printf("  no score of %s: %s\n", cell.name.c_str(), error.c_str());
}

void print_curve(const plexiform::StimulusTransfer& t, const plexiform::TransferredCell& cell,
                 const plexiform::TuneCurve& curve) {
  std::printf("%s, from %s to %s\n  %-13s %8s %8s %8s %8s\n", cell.name.c_str(), t.runs[curve.from].c_str(),
              t.targets[curve.to].c_str(), "learns", "share", "spikes", "cc", "bits");
  for (const auto& p : curve.points) {
    if (!p.error.empty())
      std::printf("  %-13s %8g %s\n", to_string(p.tuned).c_str(), p.share, p.error.c_str());
    else
      std::printf("  %-13s %8g %8.0f %8.3f %8.3f\n", to_string(p.tuned).c_str(), p.share, p.spikes, p.score.cc,
                  p.score.bits_per_spike);
  }
}

void print_stimuli(const plexiform::StimulusTransfer& t) {
  std::printf("%zu cells; means over those that have a score\n", t.cells.size());
  for (std::size_t run = 0; run < t.runs.size(); ++run)
    for (std::size_t target = 0; target < t.targets.size(); ++target) {
      std::printf("%s on %s (%s)\n  %-8s %8s %8s %8s\n", t.runs[run].c_str(), t.targets[target].c_str(),
                  t.scored_on[target].c_str(), "model", "cc", "bits", "true");
      print_mean("network", t, run, target, false);
      print_mean("LN", t, run, target, true);
      print_failures(t, run, target);
    }
  for (const auto& cell : t.cells)
    for (const auto& curve : cell.curves) print_curve(t, cell, curve);
  for (const auto& left : t.left_out) std::printf("left out: %s\n", left.c_str());
}

/// Pictures first: a folder that holds transfer.json holds all.
void write_folder(const fs::path& folder, const std::vector<std::pair<std::string, std::string>>& pictures,
                  const std::string& json) {
  for (const auto& [name, text] : pictures) plexiform::write_text_atomically(folder / name, text);
  plexiform::write_text_atomically(folder / "transfer.json", json + "\n");
}

int threads_of(const Context& context) {
  return context.common.threads > 0 ? context.common.threads : plexiform::default_threads();
}

fs::path log_of(const TransferOptions& options) {
  return options.folder / "metrics.jsonl";
}

plexiform::TransferHooks hooks_of(const TransferOptions& options, bool cell, const Context& context) {
  const RowForm form{.cell = cell,
                     .name = true,
                     .figures = {{"own bits", plexiform::kTestBits}, {"bits elsewhere", plexiform::kBitsElsewhere}}};
  return {context.progress, piece_rows(form, context), context.stop, log_of(options)};
}

int between_cells(const TransferOptions& options, const Context& context) {
  const auto info = plexiform::read_run(options.runs[0]);
  const auto moved_to = options.moved_to.empty() ? std::nullopt : std::optional(options.moved_to[0]);
  auto recording = plexiform::open_run_recording(info, moved_to);
  plexiform::use_kept_replay(recording, true, context.progress, context.stop);
  plexiform::CellTransferOptions how;
  how.refit = options.refit.value_or(how.refit);
  how.seed = context.common.seed_or_zero();
  how.threads = threads_of(context);
  const auto result =
      plexiform::transfer_between_cells(options.runs[0], info, recording, how, hooks_of(options, true, context));
  const std::string json = to_json(result);
  write_folder(options.folder, {{"moved.svg", picture(result)}}, json);
  if (context.common.json)
    std::printf("%s\n", json.c_str());
  else
    print_cells(result);
  return result.left_out.empty() ? 0 : static_cast<int>(plexiform::ErrorKind::data);
}

int between_stimuli(const TransferOptions& options, const Context& context) {
  plexiform::StimulusTransferRequest request;
  request.runs = options.runs;
  request.to = options.to;
  request.moved_to = options.moved_to;
  request.rescale = options.rescale;
  request.tune = options.tune;
  if (!options.shares.empty()) request.shares = options.shares;
  request.threads = threads_of(context);
  const auto result = plexiform::transfer_between_stimuli(request, hooks_of(options, false, context));
  std::vector<std::pair<std::string, std::string>> pictures;
  for (std::size_t from = 0; options.tune && from < result.runs.size(); ++from)
    for (std::size_t to = 0; to < result.runs.size(); ++to)
      if (from != to)
        pictures.emplace_back("tuned_" + std::to_string(from) + "_to_" + std::to_string(to) + ".svg",
                              picture(result, from, to));
  const std::string json = to_json(result);
  write_folder(options.folder, pictures, json);
  if (context.common.json)
    std::printf("%s\n", json.c_str());
  else
    print_stimuli(result);
  bool all = result.left_out.empty();
  for (const auto& cell : result.cells)
    for (const auto& row : cell.scores)
      for (const auto& cross : row) all = all && cross.error.empty();
  return all ? 0 : static_cast<int>(plexiform::ErrorKind::data);
}

/// Runs with their recordings, and recordings without a run.
std::vector<plexiform::Source> sources_of(const TransferOptions& options) {
  std::vector<plexiform::Source> sources;
  for (const auto& run : options.runs) {
    const auto info = plexiform::read_run(run);
    sources.push_back(plexiform::source_of("run", run));
    sources.push_back({"recording of " + run.filename().string(), info.recording, info.checksum});
  }
  for (const auto& recording : options.to) sources.push_back(plexiform::source_of("recording", recording));
  return sources;
}

}  // namespace

int transfer_verb(const TransferOptions& options, const Context& context) {
  int code = 0;
  plexiform::in_new_folder(options.folder, [&] {
    try {
      const bool one = options.runs.size() + options.to.size() == 1;
      code = one ? between_cells(options, context) : between_stimuli(options, context);
      plexiform::log_call(options.folder, {context.command, sources_of(options)});
    } catch (...) {
      fs::remove(log_of(options));  // nothing came of it, so that its folder is not kept
      throw;
    }
  });
  return code;
}
