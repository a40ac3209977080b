#pragma once
#include <filesystem>
#include <string>

#include "plexiform/fit/score_run.hpp"

namespace plexiform {

/// {"scored_on":..,"cells":[{"cell":..,"cc":..,"cc_interval":[..],"bits_per_spike":..,"ln":{..},..}]}; a failed cell is
/// {"cell":..,"error":".."}.
std::string to_json(const RunScore& score);

/// RUN/score.json, and RUN/rates.h5: the scored frames one by one (docs/formats/run.md).
void write_score(const std::filesystem::path& run, const RunScore& score);

}  // namespace plexiform
