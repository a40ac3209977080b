#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/fit/score_json.hpp"
#include "plexiform/progress/call.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/report/page.hpp"
#include "plexiform/reveal/reveal_run.hpp"
#include "verbs.hpp"

namespace {

namespace fs = std::filesystem;

/// Marks a folder as the demo's own, which a later demo may replace.
constexpr const char* kMarker = ".plexiform-demo";

void fresh_folder(const fs::path& folder) {
  if (fs::exists(folder) && !fs::is_empty(folder) && !fs::exists(folder / kMarker))
    throw plexiform::Error(plexiform::ErrorKind::usage, folder.string() + ": exists already and is not a demo's folder",
                           "choose another: plexiform demo -o DIR");
  fs::create_directories(folder);
  plexiform::write_text_atomically(folder / kMarker, "");
  fs::remove_all(folder / "run");
}

}  // namespace

int demo_verb(const DemoOptions& options, const Context& context) {
  fresh_folder(options.folder);
  const fs::path recording_path = options.folder / "cell.h5", run = options.folder / "run";
  const auto say = [&](const char* text) {
    if (!context.common.quiet) remark(text);
  };

  say("A model cell of five subunits answers 30,000 frames of white noise (about 3,000 spikes).");
  plexiform::CellRecipe recipe;
  recipe.preset = "mosaic5";
  recipe.seed = context.common.seed.value_or(101);
  plexiform::write_recording(recording_path, plexiform::simulate(recipe, context.common.threads));

  say("A small network and, beside it, an LN model are fitted to stimulus and spikes alone.");
  plexiform::FitRequest request;
  request.recording = recording_path;
  request.run = run;
  request.test.frames = 0;
  request.seed = context.common.seed_or_zero();
  request.threads = context.common.threads;
  plexiform::logged_call(run, {context.command, {}}, [&] {
    plexiform::fit_recording(request, {context.progress, {}, context.stop});
  });

  const auto info = plexiform::read_run(run);
  const auto recording = plexiform::open_run_recording(info);
  const auto score = plexiform::score_run(run, info, recording);
  plexiform::write_score(run, score);
  plexiform::RevealOptions reveal;
  reveal.seed = context.common.seed_or_zero();
  reveal.threads = context.common.threads;
  const auto cells = plexiform::reveal_run(run, info, recording, reveal, {context.progress, context.stop});
  // Without the page its data are better than nothing.
  const fs::path page = options.folder / (plexiform::page_template().empty() ? "report.json" : "report.html");
  plexiform::write_page(run, page);

  if (context.common.json) {
    std::printf("{\"score\":%s,\"reveal\":%s,\"report\":\"%s\"}\n", plexiform::to_json(score).c_str(),
                plexiform::to_json(cells).c_str(), page.c_str());
    return 0;
  }
  say("");
  print_subunits(cells);
  std::printf("\n");
  print_scores(score);
  std::printf("\nOpen %s to see them.\n", page.c_str());
  return 0;
}
