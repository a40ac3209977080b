#pragma once
#include <string>
#include <vector>

namespace plexiform::testing {

/// What is wrong with JSON by one of schemas/, a line each; empty where nothing is.
std::vector<std::string> schema_errors(const std::string& json, const std::string& file = "page.schema.json");

}  // namespace plexiform::testing
