#pragma once
#include <filesystem>
#include <string>

#include "plexiform/fit/score_run.hpp"

namespace plexiform {

/// {"scored_on":..,"cells":[{"cell":..,"cc":..,"cc_interval":[..],"bits_per_spike":..,"ln":{..},..}]}; a failed cell is
/// {"cell":..,"error":".."}. With `trace_frames` > 0 the first so many scored frames are added as "trace".
std::string to_json(const RunScore& score, std::size_t trace_frames = 0);

/// RUN/score.json, with a trace for the report page.
void write_score(const std::filesystem::path& run, const RunScore& score);

}  // namespace plexiform
