#include "plexiform/jobs/transfer_stimuli.hpp"

#include <algorithm>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/jobs/transfer_folder.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/run/transfer_json.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

std::vector<RunInfo> read_runs(const std::vector<fs::path>& paths) {
  std::vector<RunInfo> infos;
  for (const auto& path : paths) infos.push_back(read_run(path));
  return infos;
}

/// The recordings of the runs, then the others.
std::vector<fs::path> recordings_of(const TransferStimuliRequest& request, const std::vector<RunInfo>& infos) {
  std::vector<fs::path> all;
  for (const auto& info : infos) all.push_back(info.recording);
  all.insert(all.end(), request.to.begin(), request.to.end());
  return all;
}

/// Frames that test one model may have trained another one of the same recording.
void require_other_recordings(const std::vector<fs::path>& recordings, const std::vector<RunInfo>& infos) {
  std::vector<std::string> sums;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    sums.push_back(i < infos.size() ? infos[i].checksum : checksum(recordings[i]));
    for (std::size_t j = 0; j < i; ++j)
      if (sums[j] == sums[i])
        throw Error(ErrorKind::usage, "is given twice: test frames of one model would be training frames of the other",
                    "name runs and recordings of different stimuli; score a run to test it on its own")
            .in_file(recordings[i]);
  }
}

/// The models of a run. Cells without one are added to `left_out`.
FittedModels open_models(const fs::path& run, const RunInfo& info, const std::string& name,
                         const std::optional<fs::path>& recording, const Context& context,
                         std::vector<std::string>& left_out) {
  FittedModels models{.name = name,
                      .recording = open_run_recording(info, recording, context),
                      .settings = info.settings,
                      .split = split_settings(info),
                      .seed = info.seed};
  use_kept_replay(models.recording, false, context);
  FittedCells cells = read_fits(run, info, models.recording, Unfinished::left_out);
  models.fits = std::move(cells.fits);
  for (const auto& [cell, why] : cells.left_out)
    left_out.push_back(shown_name(models.recording, cell) + " (" + name + ": " + why + ")");
  return models;
}

/// All that a transfer reads.
struct Opened {
  std::vector<FittedModels> runs;
  std::vector<OtherRecording> others;
  std::vector<std::string> left_out;  ///< cells that a run has not fitted
};

Opened open_all(const TransferStimuliRequest& request, const Context& context) {
  if (!request.recordings.empty() && request.recordings.size() != request.runs.size())
    throw Error(ErrorKind::usage, std::to_string(request.recordings.size()) + " recordings for " +
                                      std::to_string(request.runs.size()) + " runs, expected one each");
  const std::vector<RunInfo> infos = read_runs(request.runs);
  const std::vector<fs::path> recordings = recordings_of(request, infos);
  require_other_recordings(recordings, infos);
  const auto runs = short_names(request.runs), targets = short_names(recordings);
  Opened opened;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const auto recording = request.recordings.empty() ? std::nullopt : std::optional(request.recordings[i]);
    opened.runs.push_back(open_models(request.runs[i], infos[i], runs[i], recording, context, opened.left_out));
    opened.runs.back().recording_name = targets[i];
  }
  for (std::size_t i = 0; i < request.to.size(); ++i) {
    OtherRecording& other = opened.others.emplace_back();
    other.name = targets[infos.size() + i];
    other.recording = read_recording(request.to[i]);
    use_kept_replay(other.recording, false, context);
  }
  return opened;
}

StimulusTransfer cross_in_pieces(const StimulusCrossing& crossing, const TransferStimuliRequest& request,
                                 const Context& context, const PieceSink& piece) {
  std::vector<Piece> pieces;
  for (const auto& cell : crossing.cells) pieces.push_back({{}, cell.name});
  std::vector<std::size_t> numbers(pieces.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  Work work("transfer", "cell", pieces, {context.progress, piece, layout::log(request.folder)});
  Context beside = context;
  beside.progress = work.beside();
  StimulusTransfer result;
  work.run([&] { result = cross(crossing, request.settings, beside, hooks_of(work, numbers)); });
  return result;
}

void write_pictures(const fs::path& folder, const StimulusTransfer& result) {
  for (std::size_t from = 0; from < result.runs.size(); ++from)
    for (std::size_t to = 0; to < result.runs.size(); ++to)
      if (from != to) write_text_atomically(layout::tuned_picture(folder, from, to), picture(result, from, to));
}

/// What each target's models and counts are of.
std::vector<Origin> origins_of(const TransferStimuliRequest& request) {
  std::vector<Origin> origins;
  for (const auto& run : request.runs) origins.push_back(origin_of(run, read_run(run)));
  for (const auto& recording : request.to) origins.push_back({checksum(recording), {}});
  return origins;
}

}  // namespace

std::vector<std::string> short_names(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const auto& path : paths) {
    const auto last = [](const fs::path& p) {
      const fs::path clean = p.lexically_normal();
      return clean.has_filename() ? clean.filename() : clean.parent_path().filename();
    };
    const auto alike = std::ranges::count_if(paths, [&](const auto& other) { return last(other) == last(path); });
    names.push_back(alike > 1 ? path.string() : last(path).string());
  }
  return names;
}

StimulusTransfer transfer_stimuli(const TransferStimuliRequest& request, const Context& context,
                                  const PieceSink& piece) {
  StimulusTransfer result;
  in_new_folder(request.folder, [&] {
    const auto origins = origins_of(request);  // as they are before they are read
    Opened opened = open_all(request, context);
    const auto crossing = prepare_crossing(opened.runs, opened.others, request.settings);
    result = cross_in_pieces(crossing, request, context, piece);
    result.left_out.insert(result.left_out.begin(), opened.left_out.begin(), opened.left_out.end());
    // Pictures first: a folder that holds the result holds all.
    if (!request.settings.shares.empty()) write_pictures(request.folder, result);
    write_transfer(request.folder, result, origins);
  });
  return result;
}

}  // namespace plexiform
