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
/// The checksums that a file carries; none of a file from before they were written.
Origin origin_in(const nlohmann::json& file);
/// Throws Error{damaged} if a file that holds a result of this cell does not say that it is of the model in `home`.
void check_cell(const nlohmann::json& file, const ArtefactKind& kind, const Home& home, std::int64_t cell);

/// An object with format, version and checksums.
nlohmann::json with_head(nlohmann::json object, const ArtefactKind& kind, const Origin& origin);
nlohmann::json with_head(nlohmann::json object, const ArtefactKind& kind, const std::vector<Origin>& origins);

/// Checks the checksums of a result of several recordings, in their order. Throws Error{damaged}.
void check_origins(const nlohmann::json& file, const ArtefactKind& kind, const std::vector<Home>& homes);

/// The text of a file: what is no UTF-8 (a name can be) is replaced.
std::string file_text(const nlohmann::json& object, int indent = -1);

/// Reads and checks a JSON file, then calls `take` with its object; errors get the file's name. Throws Error{missing}
/// or Error{damaged}.
void read_json_file(const std::filesystem::path& path, const ArtefactKind& kind, const Home& home,
                    const std::function<void(const nlohmann::json&)>& take);

}  // namespace plexiform
