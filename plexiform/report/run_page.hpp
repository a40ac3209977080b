#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

namespace plexiform {

/// Adds what a page shows of a run to `page`: recording, cells, how they were made, and what is missing
/// (docs/formats/page.md).
void add_run(nlohmann::json& page, const std::filesystem::path& run);

/// Commands that left their name in FOLDER/metrics.jsonl, in order.
nlohmann::json commands_of(const std::filesystem::path& folder);

}  // namespace plexiform
