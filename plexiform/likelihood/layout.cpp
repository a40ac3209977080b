#include "plexiform/likelihood/layout.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"

namespace plexiform {

Parameter ParameterLayout::add(const std::string& name, const ParameterLimits& limits) {
  if (std::ranges::find(names_, name) != names_.end())
    throw InternalError("two parameters of one layout are called " + name);
  if (!(limits.least <= limits.most) || !(limits.longest_step >= 0) ||
      !(limits.least_kept >= 0 && limits.least_kept <= 1))
    throw InternalError("the limits of the parameter " + name + " contradict each other");
  names_.push_back(name);
  limits_.push_back(limits);
  return {names_.size() - 1};
}

ParameterBlock ParameterLayout::add_block(const std::string& name, std::span<const ParameterLimits> limits) {
  const ParameterBlock block{size(), limits.size()};
  for (std::size_t i = 0; i < limits.size(); ++i) add(name + " " + std::to_string(i), limits[i]);
  return block;
}

}  // namespace plexiform
