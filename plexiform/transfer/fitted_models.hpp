#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// Models of several cells that were fitted to one recording, and how.
struct FittedModels {
  std::string name = {};            ///< of the models, for people
  std::string recording_name = {};  ///< of what they were fitted to
  Recording recording = {};
  std::vector<CellFit> fits = {};  ///< CellFit::cell is the row in `recording`
  Settings settings = {};          ///< that they were fitted with
  SplitSettings split = {};        ///< of `recording`: nothing was fitted to its test block
  std::uint64_t seed = 0;          ///< of the fits; also decides the intervals of scores on `recording`
};

}  // namespace plexiform
