#include <cstdio>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "verbs.hpp"

namespace {

void say_cell(const plexiform::CellOutcome& outcome, const Context& context) {
  if (context.common.quiet) return;
  const std::string cell = "cell " + std::to_string(outcome.cell) + ": ";
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "fitted in %.1f s", outcome.seconds);
  if (!outcome.error.empty())
    remark(outcome.error.starts_with(cell.substr(0, cell.size() - 2)) ? outcome.error : cell + outcome.error);
  else if (outcome.seconds > 0)
    remark(cell + seconds);
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
  const plexiform::FitHooks hooks{context.progress, [&](const auto& outcome) { say_cell(outcome, context); },
                                  context.stop};
  std::vector<plexiform::CellOutcome> outcomes;
  if (options.resume) {
    const auto moved_to = options.recording.empty() ? std::nullopt : std::optional(options.recording);
    outcomes = plexiform::resume_run(options.run, moved_to, hooks);
  } else {
    plexiform::FitRequest request;
    request.recording = options.recording;
    request.run = options.run;
    request.settings = options.settings;
    request.cells = options.cells.value_or("all");
    request.test = options.test_block;
    request.seed = context.common.seed_or_zero();
    request.threads = context.common.threads;
    outcomes = plexiform::fit_recording(request, hooks);
  }
  if (context.common.json) std::printf("%s\n", outcomes_json(options.run, outcomes).c_str());
  for (const auto& outcome : outcomes)
    if (!outcome.error.empty()) return static_cast<int>(plexiform::ErrorKind::data);
  return 0;
}
