#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

#include "plexiform/result/fitted.hpp"
#include "plexiform/result/subunits.hpp"
#include "plexiform/score/cell_score.hpp"

namespace plexiform {

/// What a page draws of one cell, as keys of its entry (docs/formats/page.md), from what fit, reveal and score keep.
void add_fitted(nlohmann::json& cell, const FittedArrays& fitted);
/// Of a cell with maps.
void add_maps(nlohmann::json& cell, const CellSubunits& revealed);
/// Of a cell with its scored frames.
void add_rates(nlohmann::json& cell, const CellScore& scored);
/// From the lines of a cell's log.
void add_training(nlohmann::json& cell, const std::filesystem::path& metrics);

}  // namespace plexiform
