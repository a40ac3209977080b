#pragma once
#include <filesystem>
#include <string>

#include "plexiform/result/comparison.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// {"scored_on":..,"cells":[{"cell":..,"methods":[{"method":..,"cc":..,..}]}]}
std::string to_json(const Comparison& comparison);

/// FOLDER/compare.json. `origin`: its recording and the models of the run in it.
void write_comparison(const std::filesystem::path& folder, const Comparison& comparison, const Origin& origin);
/// Throws Error{missing} or Error{damaged}.
Comparison read_comparison(const std::filesystem::path& folder, const Home& home);

}  // namespace plexiform
