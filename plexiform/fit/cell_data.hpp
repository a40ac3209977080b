#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/fit/dataset.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/spike_triggered.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// What the fit of one cell sees: its window, and training and validation blocks through it.
struct CellData {
  std::int64_t cell = 0;  ///< row in the recording
  CellWindow window;
  Dataset data;
};

/// Where the receptive fields of cells lie, from training and validation blocks only (find_windows). Cells that are
/// looked for together round alike, so that a result belongs to the whole list of cells. Throws Interrupted on a stop
/// request.
std::vector<WindowResult> find_cell_windows(const Recording& recording, std::span<const std::int64_t> cells,
                                            const Split& split, const ModelSettings& model, const Context& context);

/// The datasets of several cells, each with its window, in one pass over the stimulus. Tiles beyond
/// context.memory_bytes lie in a scratch file. Throws Interrupted on a stop request.
std::vector<Dataset> make_datasets(const Recording& recording, std::span<const std::int64_t> cells,
                                   std::span<const Window> windows, const Split& split, const Settings& settings,
                                   const Context& context);

/// Window and dataset of one cell. Throws Error{data} if it has no spike in training and validation blocks.
CellData cell_data(const Recording& recording, std::int64_t cell, const Split& split, const Settings& settings,
                   const Context& context);

}  // namespace plexiform
