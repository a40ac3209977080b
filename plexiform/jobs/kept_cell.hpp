#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "plexiform/network_map/reveal_fit.hpp"

namespace plexiform {

/// All that decides what reveal_cell gives of the cell in CELL_FOLDER: its model, the run, every setting, and the seed.
std::string reveal_key(const std::filesystem::path& folder, const RevealFitSettings& settings, std::uint64_t seed);

/// What an interrupted reveal leaves of the cells it had finished, in CELL_FOLDER/revealed, so that the next one
/// continues with the others, to the same result. `key`: as reveal_key(). Throws Error{file} if the folder cannot be
/// written.
void keep_revealed(const std::filesystem::path& folder, const RevealedFit& cell, const std::string& key);

/// None if there is nothing, nothing whole, or something that another key made.
std::optional<RevealedFit> kept_revealed(const std::filesystem::path& folder, const std::string& key);

void forget_revealed(const std::filesystem::path& folder);

}  // namespace plexiform
