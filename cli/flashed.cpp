#include <cmath>
#include <cstdio>
#include <memory>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/flashed/compare_flashed.hpp"
#include "plexiform/flashed/flashed_json.hpp"
#include "plexiform/progress/call.hpp"
#include "program.hpp"

namespace {

namespace fs = std::filesystem;
using plexiform::Error;
using plexiform::ErrorKind;

struct FlashedArguments {
  fs::path recording, folder;
  std::string cells = "all";
  std::int64_t folds = 10;
};

void print(const plexiform::FlashedComparison& c) {
  std::printf("%ld images in %ld folds, %ld trials; correlation of the mean count with images left out of the fit\n",
              c.images, c.folds, c.trials);
  std::printf("%-16s %8s %9s %7s %9s  %-26s %s\n", "cell", "spikes", "ceiling", "LN", "subunits", "ahead (95 %)",
              "subunit size, pixels (95 %)");
  for (const auto& cell : c.cells) {
    if (!cell.error.empty()) {
      std::printf("%-16s %s\n", cell.name.substr(0, 16).c_str(), cell.error.c_str());
      continue;
    }
    char ahead[64];
    if (std::isfinite(cell.ahead_interval.low))
      std::snprintf(ahead, sizeof ahead, "%+.3f (%+.3f to %+.3f)", cell.ahead, cell.ahead_interval.low,
                    cell.ahead_interval.high);
    else
      std::snprintf(ahead, sizeof ahead, "predicts nothing");
    std::printf("%-16s %8.0f %9.3f %7.3f %9.3f  %-26s %.1f (%.1f to %.1f)\n", cell.name.substr(0, 16).c_str(),
                cell.spikes, cell.reliability ? cell.reliability->ceiling : std::nan(""), cell.ln.cc, cell.subunits.cc,
                ahead, cell.model.size, cell.model.size_interval.low, cell.model.size_interval.high);
  }
  const auto& m = c.medians;
  if (m.cells == 0) return;
  std::printf("median of %ld cells: LN %.3f (%.3f to %.3f), subunits %.3f (%.3f to %.3f), ahead %.3f (%.3f to %.3f)\n",
              m.cells, m.ln, m.ln_interval.low, m.ln_interval.high, m.subunits, m.subunits_interval.low,
              m.subunits_interval.high, m.ahead, m.ahead_interval.low, m.ahead_interval.high);
  std::printf("subunits ahead of LN: %ld of %ld\n", m.cells_ahead, m.cells);
}

int flashed(const FlashedArguments& arguments, const Context& context) {
  const auto recording = plexiform::read_recording(arguments.recording);
  plexiform::FlashedOptions options;
  options.cells = plexiform::parse_cells(arguments.cells, recording.cells());
  options.folds = arguments.folds;
  options.seed = context.common.seed_or_zero();
  options.threads = context.common.threads > 0 ? context.common.threads : plexiform::default_threads();
  plexiform::FlashedComparison result;
  plexiform::in_new_folder(arguments.folder, [&] {
    try {
      result = plexiform::compare_flashed(recording, options, {context.progress, context.stop});
    } catch (const Error& error) {
      throw error.at(arguments.recording.string());
    }
    context.progress({});
    plexiform::write_text_atomically(arguments.folder / "correlations.svg", picture(result));
    plexiform::write_text_atomically(arguments.folder / "flashed.json", to_json(result) + "\n");
    plexiform::log_call(arguments.folder, {context.command, {plexiform::source_of("recording", arguments.recording)}});
  });
  if (context.common.json)
    std::printf("%s\n", to_json(result).c_str());
  else
    print(result);
  for (const auto& cell : result.cells)
    if (!cell.error.empty()) return static_cast<int>(ErrorKind::data);
  return 0;
}

}  // namespace

void add_flashed(Program& program) {
  auto arguments = std::make_shared<FlashedArguments>();
  auto* verb = program.add_verb(program.app, "flashed",
                                "answers to flashed images: rectified subunits beside a linear receptive field (LN)",
                                "plexiform flashed flashed.h5 -o subunits_of_images");
  verb->add_option("recording", arguments->recording, "recording of flashed images, with contours (import flashed)")
      ->required();
  verb->add_option("-o,--output", arguments->folder, "folder to make: flashed.json and a picture")->required();
  verb->add_option("--cells", arguments->cells, "which cells: 0,3-7 or all (default)");
  verb->add_option("--folds", arguments->folds,
                   "parts of the images, each predicted by models fitted to the others (default 10)");
  verb->callback([&program, arguments] {
    program.action = [arguments](const Context& context) { return flashed(*arguments, context); };
  });
}
