#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "plexiform/base/hdf5.hpp"

namespace plexiform {

/// What a page draws of one cell, as keys of its entry (docs/formats/page.md), from the arrays that fit, reveal and
/// score keep. `group`: of the cell, "/cell_3". Throws Error{file} where arrays have shapes that do not belong
/// together.
void add_fitted(nlohmann::json& cell, const Hdf5File& fitted);
void add_maps(nlohmann::json& cell, const Hdf5File& revealed, const std::string& group);
void add_rates(nlohmann::json& cell, const Hdf5File& rates, const std::string& group);
/// From the lines of cell_<i>/metrics.jsonl.
void add_training(nlohmann::json& cell, const std::filesystem::path& metrics);

}  // namespace plexiform
