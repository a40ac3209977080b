#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {

/// A cell's model file: the window, the networks that are best so far, and the whole state of the fits that are given,
/// so that they can be resumed; none for networks that were not trained here. `recording`: the checksum of the one that
/// it was fitted to. Throws Error{file} if it cannot be written.
void write_model(const std::filesystem::path& path, const CellFit& fit, std::span<const Training> fits = {},
                 const std::string& recording = {});

/// Throws Error{missing} or Error{damaged}: also if it has another version than `home` allows, or is of another
/// recording.
CellFit read_model(const std::filesystem::path& path, std::int64_t cell, const Home& home = {});
/// The model of a cell of a run.
CellFit read_run_model(const std::filesystem::path& run, const RunInfo& info, std::int64_t cell);

/// Puts the fits where the model file says they stood. Throws as read_model.
void read_training(const std::filesystem::path& path, std::span<Training> fits, const Home& home = {});

}  // namespace plexiform
