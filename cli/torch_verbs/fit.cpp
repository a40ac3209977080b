#include <cstdio>
#include <nlohmann/json.hpp>

#include "cells.hpp"
#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/run/call.hpp"
#include "rows.hpp"
#include "text.hpp"
#include "verbs.hpp"

namespace {

/// Rows with --verbose; otherwise what failed, if anything may be said.
plexiform::PieceSink cell_sink(const Caller& caller) {
  if (caller.common.verbose)
    return piece_rows(
        {.cell = true,
         .name = true,
         .figures = {{"validation bits", plexiform::kValidationBits}, {"LN bits", plexiform::kLnValidationBits}}},
        caller);
  if (caller.common.quiet) return {};
  return [](const plexiform::PieceNews& news) {
    if (news.event != plexiform::PieceEvent::failed) return;
    const std::string cell = "cell " + std::to_string(news.piece.cell.value_or(0)), error = news.result.error;
    remark(printable(error.starts_with(cell) ? error : cell + ": " + error));
  };
}

std::string outcomes_json(const std::filesystem::path& run, const std::vector<plexiform::CellOutcome>& outcomes) {
  auto cells = nlohmann::json::array();
  for (const auto& o : outcomes) {
    if (o.error.empty())
      cells.push_back({{"cell", o.cell}, {"seconds", o.seconds}});
    else
      cells.push_back({{"cell", o.cell}, {"error", o.error}});
  }
  return nlohmann::json({{"run", run.string()}, {"cells", cells}}).dump();
}

}  // namespace

int fit_verb(const FitOptions& options, const Caller& caller) {
  const plexiform::Context lent = caller.lent();
  const plexiform::PieceSink sink = cell_sink(caller);
  std::vector<plexiform::CellOutcome> outcomes;
  if (options.resume) {
    const auto moved_to = options.recording.empty() ? std::nullopt : std::optional(options.recording);
    // The first call says all; one that was killed said nothing.
    const bool known = !plexiform::read_calls(options.run).empty();
    plexiform::logged_call(options.run, {known ? "" : caller.command, {}},
                           [&] { outcomes = plexiform::resume_run(options.run, moved_to, lent, sink); });
  } else {
    plexiform::FitRequest request;
    request.recording = options.recording;
    request.run = options.run;
    request.settings = options.settings;
    request.cells = parse_cells(options.cells.value_or("all"));
    request.test = options.test_block;
    request.seed = caller.common.seed_or_zero();
    plexiform::logged_call(options.run, {caller.command, {}},
                           [&] { outcomes = plexiform::fit_recording(request, lent, sink); });
  }
  if (caller.common.json) std::printf("%s\n", outcomes_json(options.run, outcomes).c_str());
  for (const auto& outcome : outcomes)
    if (!outcome.error.empty()) return exit_code(plexiform::ErrorKind::data);
  return 0;
}
