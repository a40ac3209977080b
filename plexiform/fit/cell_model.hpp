#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "plexiform/model/network.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

/// What predicts a cell: a fitted network, or revealed subunits.
using CellModel = std::variant<Network, SubunitModel>;

/// Frames that it looks back, the frame itself included.
std::int64_t lags_of(const CellModel& model);
/// Channels of the stimulus that it sees.
std::int64_t channels_of(const CellModel& model);
/// The nonlinearity of its subunits, for people: "relu", "power 1.3".
std::string subunits_of(const CellModel& model);
/// Throws Error{usage} where it is a list of subunits.
const Network& network_of(const CellModel& model);

}  // namespace plexiform
