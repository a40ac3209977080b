#pragma once
#include <cstdint>
#include <filesystem>

#include "plexiform/run/run.hpp"

namespace plexiform {

/// CELL/DONE (docs/formats/run.md): the fit of a cell has ended, by this config.toml (config_sum), and these are the
/// checksums of what it left: the model and, where there is one, fitted.h5. It is written last.
void mark_cell_done(const std::filesystem::path& run, const RunInfo& info, std::int64_t cell);

/// Throws Error{missing} or Error{damaged} if a cell has ended and a file of it is gone, or is not what its fit left:
/// cut off, of another cell, or fitted by another config.toml. Nothing is asked of a cell that has not ended, nor of
/// runs from before config.toml had version 2, whose marker is empty.
void require_whole_cell(const std::filesystem::path& run, const RunInfo& info, std::int64_t cell);
/// The same for all cells.
void require_whole(const std::filesystem::path& run, const RunInfo& info);

}  // namespace plexiform
