#pragma once
#include <filesystem>
#include <string>

#include "plexiform/run/versions.hpp"
#include "plexiform/score/cell_score.hpp"

namespace plexiform {

/// {"scored_on":..,"cells":[{"cell":..,"cc":..,"cc_interval":[..],"bits_per_spike":..,"ln":{..},..}]}; a failed cell is
/// {"cell":..,"error":".."}.
std::string to_json(const RunScore& score);

/// RUN/score.json, and RUN/rates.h5 with the scored frames one by one (docs/formats/run.md).
void write_score(const std::filesystem::path& run, const RunScore& score, const Origin& origin);

/// RUN/score.json: all but the scored frames (rate, ln_rate, counts, frame). Throws Error{missing} or Error{damaged},
/// also if it is of another recording or model than the run's.
RunScore read_score(const std::filesystem::path& run, const Home& home);

}  // namespace plexiform
