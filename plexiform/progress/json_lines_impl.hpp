#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

namespace plexiform {

/// A file of a JSON object a line, keys in their order; lines that are none (cut off, damaged) are left out, and a file
/// that is missing has none. Throws Error{file} where it cannot be read.
std::vector<nlohmann::ordered_json> read_json_lines(const std::filesystem::path& path);

}  // namespace plexiform
