#pragma once
#include <string>

#include "plexiform/flashed/compare_flashed.hpp"

namespace plexiform {

/// flashed.json (docs/formats/run.md). NaN is null.
std::string to_json(const FlashedComparison& comparison);

/// Each cell's correlation with subunits over that of LN.
std::string picture(const FlashedComparison& comparison);

}  // namespace plexiform
