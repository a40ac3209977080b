#include <cstdio>
#include <optional>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/fit_recording.hpp"
#include "plexiform/jobs/reveal_run.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/report/page.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/lock.hpp"
#include "plexiform/run/score_json.hpp"
#include "plexiform/run/subunits_json.hpp"
#include "verbs.hpp"

namespace {

namespace fs = std::filesystem;

void fresh_folder(const fs::path& folder) {
  const bool may_be_used =
      plexiform::is_folder(folder)
          ? plexiform::files_in(folder).empty() || plexiform::path_exists(plexiform::layout::demo_marker(folder))
          : !plexiform::path_exists(folder);
  if (!may_be_used)
    throw plexiform::Error(plexiform::ErrorKind::usage, "exists already and is not a demo's folder",
                           "choose another: plexiform demo -o DIR")
        .in_file(folder);
  plexiform::make_folders(folder);
  plexiform::write_text_atomically(plexiform::layout::demo_marker(folder), "");
  const fs::path run = plexiform::layout::inner_run(folder);
  std::optional<plexiform::FolderLock> lock;
  if (plexiform::is_folder(run)) lock.emplace(run);  // nobody works in it
  plexiform::remove_tree(run);
}

}  // namespace

int demo_verb(const DemoOptions& options, const Caller& caller) {
  fresh_folder(options.folder);
  const fs::path recording_path = plexiform::layout::demo_recording(options.folder),
                 run = plexiform::layout::inner_run(options.folder);
  const auto say = [&](const char* text) {
    if (!caller.common.quiet) remark(text);
  };

  say("A model cell of five subunits responds to 30,000 frames of white noise (about 3,000 spikes).");
  plexiform::CellRecipe recipe;
  recipe.preset = "mosaic5";
  recipe.seed = caller.common.seed.value_or(101);
  plexiform::write_recording(recording_path, plexiform::simulate(recipe, caller.lent()));

  say("A small network and, beside it, an LN model are fitted to stimulus and spikes alone.");
  plexiform::FitRequest request;
  request.recording = recording_path;
  request.run = run;
  request.test.frames = 0;
  request.seed = caller.common.seed_or_zero();
  plexiform::logged_call(run, {caller.command, {}}, [&] { plexiform::fit_recording(request, caller.lent()); });

  const auto info = plexiform::read_run(run);
  const auto recording = plexiform::open_run_recording(info);
  const auto score = plexiform::score_run(run, info, recording, caller.lent());
  plexiform::write_score(run, score, plexiform::origin_of(run, info));
  const auto cells = plexiform::subunits_of(
      plexiform::reveal_run(run, info, recording, {}, caller.common.seed_or_zero(), caller.lent()));
  // Without the page its data are better than nothing.
  fs::path page = plexiform::layout::page(options.folder);
  if (plexiform::page_template().empty()) page.replace_extension(".json");
  plexiform::write_page(run, page);

  if (caller.common.json) {
    std::printf("{\"score\":%s,\"reveal\":%s,\"report\":\"%s\"}\n", plexiform::to_json(score).c_str(),
                plexiform::to_json(cells).c_str(), page.c_str());
    return 0;
  }
  say("");
  print_subunits(cells, plexiform::bins_per_second(recording));
  std::printf("\n");
  print_scores(score);
  std::printf("\nOpen %s to see them.\n", page.c_str());
  return 0;
}
