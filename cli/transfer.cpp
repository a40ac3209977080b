#include <memory>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "program.hpp"
#include "torch_verbs.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

/// What can be refused is refused here, before torch is loaded.
int transfer(const TransferOptions& options, const Caller& caller) {
  if (options.folder.empty()) throw Error(ErrorKind::usage, "-o is empty, expected the name of a folder to make");
  if (plexiform::path_exists(options.folder))
    throw Error(ErrorKind::usage, "exists already; a transfer is never overwritten", "choose another name")
        .in_file(options.folder);
  if (!options.moved_to.empty() && options.moved_to.size() != options.runs.size())
    throw Error(ErrorKind::usage, std::to_string(options.moved_to.size()) + " recordings for " +
                                      std::to_string(options.runs.size()) + " runs, expected one each");
  const bool one = options.runs.size() + options.to.size() == 1;
  if (one && options.tune)
    throw Error(ErrorKind::usage, "--tune continues with the network of one run on the recording of another",
                "name two runs or more");
  if (options.runs.size() < 2 && options.tune)
    throw Error(ErrorKind::usage,
                "--tune needs two runs or more: fine-tuned networks are compared with the target's own fit");
  if (!one && options.refit)
    throw Error(ErrorKind::usage, "--refit is for the transfer between the cells of one run",
                "omit it; --tune shows what each part of a network learns from another stimulus");
  if (one && options.rescale)
    throw Error(ErrorKind::usage, "--rescale is for the transfer between stimuli, and one run was named",
                "omit it, or name more runs or recordings");
  if (one && options.by_row)
    throw Error(ErrorKind::usage, "--by-row is for the transfer between stimuli, and one run was named",
                "omit it, or name more runs or recordings");
  if (!options.shares.empty() && !options.tune)
    throw Error(ErrorKind::usage, "--shares needs --tune", "add --tune or omit it");
  return torch_verbs().transfer(options, caller);
}

}  // namespace

void add_transfer(Program& program) {
  auto options = std::make_shared<TransferOptions>();
  auto* verb = program.add_verb(
      program.app, "transfer", "models tested on other cells (one run) or under other stimuli (several)",
      "plexiform transfer run -o between_cells\n  plexiform transfer white natural -o between_stimuli --tune");
  verb->add_option("runs", options->runs,
                   "one run: each cell's model on all others; several: each on every other's recording")
      ->required();
  verb->add_option("-o,--output", options->folder, "folder to make: transfer.json and pictures")->required();
  verb->add_option("--to", options->to,
                   "more recordings of the same cells to test on (matched by name), flashed images too");
  verb->add_option("--recording", options->moved_to, "where the runs' recordings are now, one each in the same order");
  verb->add_option("--refit", options->refit,
                   "between cells: share of the other cell's training blocks that scale and offset of the output are\n"
                   "fitted to (default 0.1; 0: not at all)");
  verb->add_flag("--rescale", options->rescale,
                 "where pixel sizes, grids or frame rates differ: each model sees the other stimulus on the grid and\n"
                 "at the rate of its own recording (grid centres coincide; the rate must be a multiple)");
  verb->add_flag("--by-row", options->by_row,
                 "between stimuli: cells in the same row of the recordings are the same cell, whatever their names");
  verb->add_flag("--tune", options->tune,
                 "between stimuli: fine-tune on increasing shares of the other stimulus' data: all parameters, output\n"
                 "only, or none; compared with training from scratch");
  verb->add_option("--shares", options->shares, "shares of the training data for --tune (default 0.02,0.05,0.1,0.3,1)")
      ->delimiter(',');
  program.add_verbose(*verb, "cell");
  verb->callback(
      [&program, options] { program.action = [options](const Caller& caller) { return transfer(*options, caller); }; });
}
