#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "plexiform/result/subunits.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// {"cells":[{"cell":..,"verdict":..,"p_value":..,"n_subunits":..,"n_interval":[..],"subunits":[..]}]};
/// docs/formats/run.md has all fields.
std::string to_json(const std::vector<CellSubunits>& cells);

/// RUN/subunits.json: with where it comes from, for people.
struct SubunitsFile {
  std::string recording;  ///< file name
  std::string made_by;
  double frame_rate = 0;
  std::vector<CellSubunits> cells;  ///< without what reveal.h5 has: spatial, temporal, linear, true_spatial
};
void write_subunits(const std::filesystem::path& run, const SubunitsFile& file, const Origin& origin);
/// Throws Error{missing} or Error{damaged}, also if it is of another recording or model than the run's.
SubunitsFile read_subunits(const std::filesystem::path& run, const Home& home);

}  // namespace plexiform
