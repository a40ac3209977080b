#pragma once
#include <filesystem>
#include <vector>

#include "plexiform/result/subunits.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// RUN/reveal.h5 (docs/formats/run.md): the maps of revealed subunits, for each cell that has some.
void write_reveal(const std::filesystem::path& run, const std::vector<CellSubunits>& cells, const Origin& origin);

/// Throws as open_checked.
Hdf5File open_reveal(const std::filesystem::path& run, const Home& home);
/// Fills the maps of a cell: spatial and temporal of each of its subunits, linear and true_spatial; returns whether the
/// file has it. A cell without subunits gets as many as the file has. Throws Error{damaged} if arrays have shapes that
/// do not belong together, or are of another model than the run's.
bool read_maps(const Hdf5File& file, const Home& home, CellSubunits& cell);

}  // namespace plexiform
