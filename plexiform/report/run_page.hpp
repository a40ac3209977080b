#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

namespace plexiform {

/// Adds what a page shows of a run to `page`: recording, cells, how they were made, and what is missing
/// (docs/formats/page.md).
void add_run(nlohmann::json& page, const std::filesystem::path& run);

/// Adds to the page's `made` the commands that are logged in a folder, and the files that they took.
void add_calls(nlohmann::json& made, const std::filesystem::path& folder);

}  // namespace plexiform
