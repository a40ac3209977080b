#include "plexiform/jobs/study.hpp"

#include <cmath>
#include <cstdio>

#include "cells.hpp"
#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/study_json.hpp"
#include "rows.hpp"
#include "verbs.hpp"

namespace {

/// "0.531 +- 0.032"; the mean alone of one seed.
std::string text(const std::optional<plexiform::Estimate>& e, int digits) {
  if (!e) return "-";
  char out[64];
  if (std::isfinite(e->interval.high))
    std::snprintf(out, sizeof out, "%.*f +- %.*f", digits, e->mean, digits, (e->interval.high - e->interval.low) / 2);
  else
    std::snprintf(out, sizeof out, "%.*f", digits, e->mean);
  return out;
}

void print_study(const plexiform::Study& study) {
  std::printf("%s against %s; means over seeds with 95 %% intervals; found: match of 0.9 or better\n",
              study.what.c_str(), plexiform::to_string(study.kind).c_str());
  std::printf("%10s %16s %16s %16s %14s %16s %14s %14s %16s\n", plexiform::to_string(study.kind).c_str(),
              "bits per spike", "correlation", "true", "subunits", "match", "found", "map's peaks", "map's match");
  for (const auto& row : study.rows) {
    std::printf("%10g %16s %16s %16s %14s %16s %14s %14s %16s", row.value, text(row.bits_per_spike, 3).c_str(),
                text(row.cc, 3).c_str(), text(row.true_rate_cc, 3).c_str(), text(row.number, 1).c_str(),
                text(row.mean_match, 3).c_str(), text(row.found, 1).c_str(), text(row.network_number, 1).c_str(),
                text(row.network_match, 3).c_str());
    std::printf(row.failed > 0 ? "  %ld failed\n" : "\n", row.failed);
  }
}

}  // namespace

int study_verb(const StudyOptions& options, const Caller& caller) {
  plexiform::StudyRequest request;
  request.kind = plexiform::study_kind_from(options.kind);
  if (options.recorded)
    request.subject = plexiform::RecordedSubject{options.what, parse_cells(options.cells)};
  else
    request.subject = plexiform::PresetSubject{options.what, options.frames};
  request.folder = options.folder;
  request.seeds = options.seeds;
  request.values = options.values;
  request.settings = options.settings;
  request.resume = options.resume;
  const RowForm form{
      .value_and_seed = true, .cell = true, .figures = {{"test bits", plexiform::kTestBits}, {"correlation", "cc"}}};
  // The first call says all; one that was killed said nothing.
  const bool known = request.resume && !plexiform::read_calls(request.folder).empty();
  plexiform::Call call{known ? "" : caller.command, {}};
  if (options.recorded) call.sources = {plexiform::source_of("recording", options.what)};
  plexiform::Study study;
  plexiform::logged_call(request.folder, call,
                         [&] { study = plexiform::run_study(request, caller.lent(), piece_rows(form, caller)); });
  if (caller.common.json)
    std::printf("%s\n", plexiform::to_json(study).c_str());
  else
    print_study(study);
  int exit = 0;
  for (const auto& piece : study.pieces) {
    if (piece.error.empty()) continue;
    exit = exit_code(plexiform::ErrorKind::data);
    char where[96];
    std::snprintf(where, sizeof where, "value %g, seed %lu, cell %ld: ", piece.value, piece.seed, piece.cell);
    if (!caller.common.quiet) remark(where + piece.error);
  }
  return exit;
}
