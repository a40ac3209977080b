#pragma once
#include <filesystem>

#include "plexiform/run/versions.hpp"
#include "plexiform/score/cell_score.hpp"

namespace plexiform {

/// RUN/rates.h5 (docs/formats/run.md): the scored frames of each cell with a score, one by one.
void write_rates(const std::filesystem::path& path, const RunScore& score, const Origin& origin);

/// Throws as open_checked.
Hdf5File open_rates(const std::filesystem::path& path, const Home& home);
/// Fills frame, counts, rate and ln_rate of a cell; returns whether the file has it. Rates have single precision.
/// Throws Error{damaged} if they have several lengths, or are of another model than the run's.
bool read_rates(const Hdf5File& file, const Home& home, CellScore& cell);

}  // namespace plexiform
