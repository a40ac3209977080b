#pragma once
#include "plexiform/fit/dataset.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/result/fitted.hpp"

namespace plexiform {

/// A cell's spike-triggered average and its fitted models as plain arrays.
FittedArrays fitted_arrays(const FirstLook& look, const CellFit& fit, const Dataset& data);

}  // namespace plexiform
