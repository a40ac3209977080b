#pragma once
#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

namespace plexiform {

/// A key that a file must have, and the type of its value.
struct RequiredKey {
  const char* name;
  nlohmann::json::value_t type;  ///< number_float stands for any number or null
};

/// A JSON file. Throws Error{file} where it cannot be read or is damaged; `verb` makes it again.
nlohmann::json read_json(const std::filesystem::path& path, const std::string& verb);
/// Throws Error{file} that names file and key where a key is missing or has a value of another type.
void require_keys(const nlohmann::json& object, std::initializer_list<RequiredKey> keys,
                  const std::filesystem::path& path, const std::string& verb);

}  // namespace plexiform
