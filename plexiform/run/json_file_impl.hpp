#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "plexiform/run/json_fields_impl.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// Numbers of cells are keys of `models`, as text.
nlohmann::json origin_json(const Origin& origin);
Origin origin_from(const nlohmann::json& json);

/// An object with format, version and checksums.
nlohmann::json with_head(nlohmann::json object, const ArtefactKind& kind, const Origin& origin);
nlohmann::json with_head(nlohmann::json object, const ArtefactKind& kind, const std::vector<Origin>& origins);

/// The text of a file: what is no UTF-8 (a name can be) is replaced.
std::string file_text(const nlohmann::json& object, int indent = -1);

/// Reads and checks a JSON file, then calls `take` with its object; errors get the file's name. Throws Error{missing}
/// or Error{damaged}.
void read_json_file(const std::filesystem::path& path, const ArtefactKind& kind, const Home& home,
                    const std::function<void(const nlohmann::json&)>& take);

}  // namespace plexiform
