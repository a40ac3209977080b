#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "plexiform/reveal/subunits.hpp"

namespace plexiform {

/// What an interrupted reveal leaves of the cells it had finished, in CELL_FOLDER/revealed, so that the next one goes
/// on with the others, to the same result. `key` says all that decides the result. Throws Error{file} where the folder
/// cannot be written.
void keep_revealed(const std::filesystem::path& folder, const CellSubunits& cell, const std::string& key);

/// None where there is nothing, nothing whole, or something that another key made.
std::optional<CellSubunits> kept_revealed(const std::filesystem::path& folder, const std::string& key);

void forget_revealed(const std::filesystem::path& folder);

}  // namespace plexiform
