#pragma once
#include <string>
#include <vector>

namespace plexiform::testing {

/// What is wrong with a page's data by web/page.schema.json, a line each; empty where nothing is.
std::vector<std::string> schema_errors(const std::string& page);

}  // namespace plexiform::testing
