#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "plexiform/reveal/subunits.hpp"

namespace plexiform {

/// The list "cells" of subunits.json (docs/formats/run.md).
nlohmann::json cells_json(const std::vector<CellSubunits>& cells);

}  // namespace plexiform
