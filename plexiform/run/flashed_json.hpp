#pragma once
#include <filesystem>
#include <string>

#include "plexiform/result/flashed.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// flashed.json (docs/formats/run.md). NaN is null.
std::string to_json(const FlashedComparison& comparison);

/// FOLDER/flashed.json. `origin`: its recording.
void write_flashed(const std::filesystem::path& folder, const FlashedComparison& comparison, const Origin& origin);
/// Throws Error{missing} or Error{damaged}: also if it is of another recording than `home` says.
FlashedComparison read_flashed(const std::filesystem::path& folder, const Home& home = {});

/// Each cell's correlation with subunits over that of LN.
std::string picture(const FlashedComparison& comparison);

}  // namespace plexiform
