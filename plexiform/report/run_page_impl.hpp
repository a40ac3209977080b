#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "plexiform/report/page.hpp"

namespace plexiform {

/// Adds what a page shows of a run to `page`: recording, cells, how they were made, and what is missing
/// (docs/formats/page.md).
void add_run(nlohmann::json& page, const std::filesystem::path& run, const HowToMake& how);

/// Adds to the page's `made` the commands that are logged in a folder, and the files that they took.
void add_calls(nlohmann::json& made, const std::filesystem::path& folder);

/// Sets the settings that all of some runs have in common, and their seed where it is one.
void add_shared_settings(nlohmann::json& made, const std::vector<std::filesystem::path>& runs);

}  // namespace plexiform
