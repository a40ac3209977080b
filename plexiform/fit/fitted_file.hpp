#pragma once
#include <filesystem>

#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/initial.hpp"

namespace plexiform {

/// FOLDER/fitted.h5: a cell's spike-triggered average and its fitted models as plain arrays, for the report page and
/// for readers without torch (docs/formats/run.md).
void write_fitted(const std::filesystem::path& folder, const FirstLook& look, const CellFit& fit, const Dataset& data);

}  // namespace plexiform
