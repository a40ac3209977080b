#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/result/transfer.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"

namespace plexiform {

struct TransferStimuliRequest {
  std::vector<std::filesystem::path> runs = {};  ///< one for each stimulus, fitted to recordings of the same cells
  std::vector<std::filesystem::path> to = {};    ///< more recordings of them, on which nothing was fitted
  std::vector<std::filesystem::path> recordings = {};  ///< where the runs' are now, [run]; empty: where they were
  std::filesystem::path folder = {};                   ///< to be made
  StimulusTransferSettings settings = {};
};

/// Tests the models of every run on the recording of every other, and on recordings without a run
/// (transfer/stimulus_transfer.hpp): FOLDER/transfer.json, FOLDER/tuned_<i>_to_<j>.svg where networks are fine-tuned,
/// and FOLDER/metrics.jsonl, the log. `piece` is told of each cell. Cells that a run has not fitted are in `left_out`.
/// Runs and recordings have the last part of their path as name, or all of it where that is not enough. Nothing is left
/// of a call that fails. Throws Error{usage} if the folder exists, or a recording is there twice (by its checksum);
/// further as read_run, open_run_recording, read_recording and transfer_between_stimuli.
StimulusTransfer transfer_stimuli(const TransferStimuliRequest& request, const Context& context,
                                  const PieceSink& piece = {});

/// Names by which people tell paths apart: the last part, or all where that is not enough.
std::vector<std::string> short_names(const std::vector<std::filesystem::path>& paths);

}  // namespace plexiform
