#include <cstdio>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/progress/call.hpp"
#include "plexiform/progress/text.hpp"
#include "rows.hpp"
#include "verbs.hpp"

namespace {

/// Rows with --verbose; otherwise what failed, if anything may be said.
plexiform::PieceSink cell_sink(const Context& context) {
  if (context.common.verbose)
    return piece_rows(
        {.cell = true,
         .name = true,
         .figures = {{"validation bits", plexiform::kValidationBits}, {"LN bits", plexiform::kLnValidationBits}}},
        context);
  if (context.common.quiet) return {};
  return [](const plexiform::PieceNews& news) {
    if (news.event != plexiform::PieceEvent::failed) return;
    const std::string cell = "cell " + std::to_string(news.piece.cell.value_or(0)), error = news.result.error;
    remark(plexiform::printable(error.starts_with(cell) ? error : cell + ": " + error));
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

int fit_verb(const FitOptions& options, const Context& context) {
  const plexiform::FitHooks hooks{context.progress, cell_sink(context), context.stop};
  std::vector<plexiform::CellOutcome> outcomes;
  if (options.resume) {
    const auto moved_to = options.recording.empty() ? std::nullopt : std::optional(options.recording);
    // The first call says all; one that was killed said nothing.
    const bool known = !plexiform::read_calls(options.run).empty();
    plexiform::logged_call(options.run, {known ? "" : context.command, {}},
                           [&] { outcomes = plexiform::resume_run(options.run, moved_to, hooks); });
  } else {
    plexiform::FitRequest request;
    request.recording = options.recording;
    request.run = options.run;
    request.settings = options.settings;
    request.cells = options.cells.value_or("all");
    request.test = options.test_block;
    request.seed = context.common.seed_or_zero();
    request.threads = context.common.threads;
    plexiform::logged_call(options.run, {context.command, {}},
                           [&] { outcomes = plexiform::fit_recording(request, hooks); });
  }
  if (context.common.json) std::printf("%s\n", outcomes_json(options.run, outcomes).c_str());
  for (const auto& outcome : outcomes)
    if (!outcome.error.empty()) return static_cast<int>(plexiform::ErrorKind::data);
  return 0;
}
