#include "plexiform/fit/cell_data.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"
#include "plexiform/recording/chunks.hpp"

namespace plexiform {
namespace {

/// Training and validation blocks in the order of time.
std::vector<Range> fitting_bins(const Split& split) {
  std::vector<Range> bins = split.train();
  bins.insert(bins.end(), split.validation().begin(), split.validation().end());
  std::sort(bins.begin(), bins.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  return bins;
}

}  // namespace

std::vector<WindowResult> find_cell_windows(const Recording& recording, std::span<const std::int64_t> cells,
                                            const Split& split, const ModelSettings& model, const Context& context) {
  return find_windows(recording, cells, fitting_bins(split), model.window, model.lags, context);
}

std::vector<Dataset> make_datasets(const Recording& recording, std::span<const std::int64_t> cells,
                                   std::span<const Window> windows, const Split& split, const Settings& settings,
                                   const Context& context) {
  // A batch is a tile: its lanes share the batch.
  constexpr auto kTileLanes = static_cast<std::int64_t>(kLanes);
  const auto longest = std::clamp<std::int64_t>((settings.train.batch + kTileLanes - 1) / kTileLanes, 1, kLaneFrames);
  const auto lags = settings.model.lags;
  require_lags(split, lags);
  const auto train = make_chunks(recording, split.train(), longest),
             validation = make_chunks(recording, split.validation(), longest);
  auto train_tiles = make_tiles(*recording.stimulus, windows, lags, train, 0, context.memory_bytes / 2, context.stop);
  const std::size_t next = (train.size() + kLanes - 1) / kLanes;
  auto validation_tiles =
      make_tiles(*recording.stimulus, windows, lags, validation, next, context.memory_bytes / 2, context.stop);
  std::vector<Dataset> all;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Dataset& data = all.emplace_back();
    data.input = {recording.stimulus->shape().channels, windows[i].height, windows[i].width};
    const auto row = recording.counts.row(cells[i]);
    data.counts.assign(row.begin(), row.end());
    data.lags = lags;
    data.train = train;
    data.validation = validation;
    data.train_tiles = std::move(train_tiles[i]);
    data.validation_tiles = std::move(validation_tiles[i]);
    data.train_targets = make_targets(data.train_tiles, data.counts);
    data.validation_targets = make_targets(data.validation_tiles, data.counts);
  }
  return all;
}

CellData cell_data(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                   const Context& context) {
  if (cell < 0 || cell >= recording.cells())
    throw Error(ErrorKind::usage, "cell " + std::to_string(cell) + " is out of range: the recording has cells 0 to " +
                                      std::to_string(recording.cells() - 1))
        .of_cell(cell);
  const auto windows = find_cell_windows(recording, {&cell, 1}, split, settings.model, context);
  if (!windows[0].error.empty()) throw Error(ErrorKind::data, windows[0].error).of_cell(cell);
  const CellWindow& found = windows[0].found;
  auto datasets = make_datasets(recording, {&cell, 1}, {&found.window, 1}, split, settings, context);
  return {cell, found, std::move(datasets[0])};
}

}  // namespace plexiform
