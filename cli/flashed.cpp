#include <cmath>
#include <cstdio>
#include <memory>

#include "cells.hpp"
#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/flashed/compare_flashed.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/flashed_json.hpp"
#include "plexiform/run/layout.hpp"
#include "program.hpp"
#include "table.hpp"

namespace {

namespace fs = std::filesystem;
using plexiform::Error;
using plexiform::ErrorKind;

struct FlashedArguments {
  fs::path recording, folder;
  std::string cells = "all";
  std::int64_t folds = 10;
};

const std::vector<Column> kColumns{{"cell", 16, Column::Holds::names},
                                   {"spikes", 8},
                                   {"ceiling", 9},
                                   {"LN", 7},
                                   {"subunits", 9},
                                   {"ahead (95 %)", 26, Column::Holds::text},
                                   {"subunit size, pixels (95 %)", 27, Column::Holds::text}};

std::vector<std::string> texts_of(const plexiform::FlashedCell& cell) {
  if (!cell.error.empty()) return {cell.name, cell.error};
  const bool predicts = std::isfinite(cell.ahead_interval.low);
  return {cell.name,
          number_or_dash(cell.spikes, "%.0f"),
          number_or_dash(cell.reliability ? std::optional(cell.reliability->ceiling) : std::nullopt),
          number_or_dash(cell.ln.cc),
          number_or_dash(cell.subunits.cc),
          predicts ? with_interval(cell.ahead, cell.ahead_interval, "%+.3f") : "predicts nothing",
          with_interval(cell.model.size, cell.model.size_interval, "%.1f")};
}

void print(const plexiform::FlashedComparison& c) {
  std::printf("%ld images in %ld folds, %ld trials; correlation with the mean count on images held out of the fit\n",
              c.images, c.folds, c.trials);
  std::printf("%s\n", table_heading(kColumns).c_str());
  for (const auto& cell : c.cells) std::printf("%s\n", table_row(kColumns, texts_of(cell)).c_str());
  const auto& m = c.medians;
  if (m.cells == 0) return;
  std::printf("median of %ld cells: LN %.3f (%.3f to %.3f), subunits %.3f (%.3f to %.3f), ahead %.3f (%.3f to %.3f)\n",
              m.cells, m.ln, m.ln_interval.low, m.ln_interval.high, m.subunits, m.subunits_interval.low,
              m.subunits_interval.high, m.ahead, m.ahead_interval.low, m.ahead_interval.high);
  std::printf("subunits ahead of LN: %ld of %ld\n", m.cells_ahead, m.cells);
}

int flashed(const FlashedArguments& arguments, const Caller& caller) {
  const auto [recording, sum] = plexiform::read_summed_recording(arguments.recording);
  const auto cells = plexiform::checked_cells(parse_cells(arguments.cells), recording);
  plexiform::FlashedComparison result;
  plexiform::in_new_folder(arguments.folder, [&] {
    try {
      result =
          plexiform::compare_flashed(recording, cells, {arguments.folds}, caller.common.seed_or_zero(), caller.lent());
    } catch (const Error& error) {
      throw error.in_file(arguments.recording);
    }
    caller.progress({});
    const plexiform::Source source{"recording", fs::absolute(arguments.recording), sum};
    plexiform::write_text_atomically(plexiform::layout::flashed_picture(arguments.folder), picture(result));
    plexiform::write_flashed(arguments.folder, result, {sum, {}});
    plexiform::log_call(arguments.folder, {caller.command, {source}});
  });
  if (caller.common.json)
    std::printf("%s\n", to_json(result).c_str());
  else
    print(result);
  for (const auto& cell : result.cells)
    if (!cell.error.empty()) return exit_code(plexiform::ErrorKind::data);
  return 0;
}

}  // namespace

void add_flashed(Program& program) {
  auto arguments = std::make_shared<FlashedArguments>();
  auto* verb = program.add_verb(program.app, "flashed",
                                "responses to flashed images: rectified subunits beside a linear receptive field (LN)",
                                "plexiform flashed flashed.h5 -o subunits_of_images");
  verb->add_option("recording", arguments->recording, "recording of flashed images, with contours (import flashed)")
      ->required();
  verb->add_option("-o,--output", arguments->folder, "folder to make: flashed.json and a picture")->required();
  verb->add_option("--cells", arguments->cells, "which cells: 0,3-7 or all (default)");
  verb->add_option("--folds", arguments->folds,
                   "parts of the images, each predicted by models fitted to the others (default 10)");
  verb->callback([&program, arguments] {
    program.action = [arguments](const Caller& caller) { return flashed(*arguments, caller); };
  });
}
