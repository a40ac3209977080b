#include <cmath>
#include <cstdio>

#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/jobs/transfer_cells.hpp"
#include "plexiform/jobs/transfer_stimuli.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/run/transfer_json.hpp"
#include "plexiform/transfer/fine_tune.hpp"
#include "rows.hpp"
#include "table.hpp"
#include "verbs.hpp"

namespace {

using plexiform::CellTransfer;
using plexiform::StimulusTransfer;
using Texts = std::vector<std::string>;

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
}

const std::vector<Column> kCells{{"cell", 6},
                                 {"spikes", 7},
                                 {"cc", 7},
                                 {"bits", 7},
                                 {"other", 7},
                                 {"cc", 7},
                                 {"bits", 7},
                                 {"own ahead, bits (95 %)", 26, Column::Holds::text},
                                 {"ahead of all (5 %, Holm)", 24, Column::Holds::text}};
const std::vector<Column> kModels{{"  model", 10, Column::Holds::text}, {"cc", 8}, {"bits", 8}, {"true", 8}};
const std::vector<Column> kCurve{
    {"  learns", 15, Column::Holds::text}, {"share", 8}, {"spikes", 8}, {"cc", 8}, {"bits", 8}};

/// A cell beside the best of the other models on it.
Texts cell_texts(const CellTransfer& t, std::size_t i) {
  Texts texts{std::to_string(t.cells[i]), number_or_dash(t.spikes[i], "%.0f")};
  if (t.spikes[i] == 0) {
    texts.emplace_back("no spike in the test block: nothing to predict");
    return texts;
  }
  const auto own = static_cast<std::int64_t>(i), other = t.others[i].model;
  const auto at = [&](const plexiform::NdArray<double>& of, std::int64_t model) {
    return model < 0 ? std::nan("") : of.row(model)[i];
  };
  texts.push_back(number_or_dash(at(t.moved.cc, own)));
  texts.push_back(number_or_dash(at(t.moved.bits, own)));
  texts.push_back(other < 0 ? "-" : std::to_string(t.cells[static_cast<std::size_t>(other)]));
  texts.push_back(number_or_dash(at(t.moved.cc, other)));
  texts.push_back(number_or_dash(at(t.moved.bits, other)));
  texts.push_back(
      with_interval(at(t.moved.own_ahead, other), {at(t.moved.low, other), at(t.moved.high, other)}, "%+.3f"));
  texts.emplace_back(t.others[i].own_exceeds ? "yes" : "no");
  return texts;
}

void print_cells(const CellTransfer& t) {
  const std::string refitted =
      t.refit > 0 ? ", scale and offset refitted to " + std::to_string(t.refit_frames) + " training frames" : "";
  print(std::to_string(t.cells.size()) + " cells, on the test block of each; other models with their window moved" +
        refitted);
  print(table_heading(kCells));
  std::size_t exceeding = 0;
  for (std::size_t i = 0; i < t.cells.size(); ++i) {
    print(table_row(kCells, cell_texts(t, i)));
    exceeding += t.spikes[i] > 0 && t.others[i].own_exceeds ? 1 : 0;
  }
  print("own model ahead of every other: " + std::to_string(exceeding) + " of " + std::to_string(t.cells.size()));
  for (const auto& [cell, why] : t.left_out) print("omitted: cell " + std::to_string(cell) + ": " + why);
}

/// Means over the cells that have a score.
void print_mean(const char* model, const StimulusTransfer& t, std::size_t run, std::size_t target, bool ln) {
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
  Texts texts{std::string("  ") + model};
  for (int i = 0; i < 3; ++i) texts.push_back(number_or_dash(sums[i] / n[i]));
  print(table_row(kModels, texts));
}

/// Cells without a score, and why.
void print_failures(const StimulusTransfer& t, std::size_t run, std::size_t target) {
  for (const auto& cell : t.cells)
    if (const auto& error = cell.scores[run][target].error; !error.empty())
      print("  no score of " + cell.name + ": " + error);
}

void print_curve(const StimulusTransfer& t, const plexiform::TransferredCell& cell, const plexiform::TuneCurve& curve) {
  print(cell.name + ", from " + t.runs[curve.from] + " to " + t.targets[curve.to]);
  print(table_heading(kCurve));
  for (const auto& p : curve.points) {
    Texts texts{"  " + to_string(p.tuned), number_or_dash(p.share, "%g")};
    if (!p.error.empty())
      texts.push_back(p.error);
    else
      for (const auto& text :
           {number_or_dash(p.spikes, "%.0f"), number_or_dash(p.score.cc), number_or_dash(p.score.bits_per_spike)})
        texts.push_back(text);
    print(table_row(kCurve, texts));
  }
}

void print_stimuli(const StimulusTransfer& t) {
  print(std::to_string(t.cells.size()) + " cells; means over those that have a score");
  for (std::size_t run = 0; run < t.runs.size(); ++run)
    for (std::size_t target = 0; target < t.targets.size(); ++target) {
      print(t.runs[run] + " on " + t.targets[target] + " (" + t.scored_on[target] + ")");
      print(table_heading(kModels));
      print_mean("network", t, run, target, false);
      print_mean("LN", t, run, target, true);
      print_failures(t, run, target);
    }
  for (const auto& cell : t.cells)
    for (const auto& curve : cell.curves) print_curve(t, cell, curve);
  for (const auto& left : t.left_out) print("omitted: " + left);
}

bool all_scored(const StimulusTransfer& t) {
  for (const auto& cell : t.cells)
    for (const auto& row : cell.scores)
      for (const auto& cross : row)
        if (!cross.error.empty()) return false;
  return t.left_out.empty();
}

plexiform::PieceSink rows_of(bool cell, const Caller& caller) {
  return piece_rows({.cell = cell,
                     .name = true,
                     .figures = {{"own bits", plexiform::kTestBits}, {"bits elsewhere", plexiform::kBitsElsewhere}}},
                    caller);
}

int between_cells(const TransferOptions& options, const Caller& caller) {
  plexiform::TransferCellsRequest request{.run = options.runs[0], .folder = options.folder};
  if (!options.moved_to.empty()) request.recording = options.moved_to[0];
  request.settings.refit = options.refit.value_or(request.settings.refit);
  request.seed = caller.common.seed_or_zero();
  const auto result = plexiform::transfer_cells(request, caller.lent(), rows_of(true, caller));
  if (caller.common.json)
    print(to_json(result));
  else
    print_cells(result);
  return result.left_out.empty() ? 0 : exit_code(plexiform::ErrorKind::data);
}

int between_stimuli(const TransferOptions& options, const Caller& caller) {
  plexiform::TransferStimuliRequest request{
      .runs = options.runs, .to = options.to, .recordings = options.moved_to, .folder = options.folder};
  request.settings.rescale = options.rescale;
  if (options.by_row) request.settings.match = plexiform::CellMatch::by_row;
  if (options.tune) request.settings.shares = options.shares.empty() ? plexiform::usual_tune_shares() : options.shares;
  const auto result = plexiform::transfer_stimuli(request, caller.lent(), rows_of(false, caller));
  if (caller.common.json)
    print(to_json(result));
  else
    print_stimuli(result);
  return all_scored(result) ? 0 : exit_code(plexiform::ErrorKind::data);
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

int transfer_verb(const TransferOptions& options, const Caller& caller) {
  const bool one = options.runs.size() + options.to.size() == 1;
  const auto sources = sources_of(options);  // as they are before they are read
  const int code = one ? between_cells(options, caller) : between_stimuli(options, caller);
  plexiform::log_call(options.folder, {caller.command, sources});
  return code;
}
