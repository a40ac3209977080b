#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace plexiform {

/// A JSON file, or a file of a JSON object a line (of which a last line without its end is not there yet). Throws
/// Error{file} where it cannot be read or is damaged; `verb` makes it again.
nlohmann::json read_json(const std::filesystem::path& path, const std::string& verb);
std::vector<nlohmann::json> read_json_lines(const std::filesystem::path& path, const std::string& verb);

}  // namespace plexiform
