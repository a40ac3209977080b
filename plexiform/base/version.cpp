#include "plexiform/base/version.hpp"

namespace plexiform {

std::string version() {
  return PLEXIFORM_VERSION;
}

}  // namespace plexiform
