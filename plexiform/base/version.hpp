#pragma once
#include <string>

namespace plexiform {

/// Of this library: "0.1.0".
std::string version();

}  // namespace plexiform
