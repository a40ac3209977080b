#pragma once
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "plexiform/form/setting_ranges.hpp"

namespace plexiform::testing {

/// A setting and a value anywhere in its range, ends included.
struct SettingInRange {
  SettingRange range;
  double value = 0;
};

/// For a property to draw.
inline SettingInRange setting_in_range() {
  const auto ranges = setting_ranges();
  const SettingRange& range = ranges[*rc::gen::inRange<std::size_t>(0, ranges.size())];
  const double top = std::min(range.high, std::numeric_limits<double>::max());
  const double share = *rc::gen::element(0.0, 1.0, 0.5, 1e-9, *rc::gen::inRange(0, 1001) / 1000.0);
  double value = range.low + share * (top - range.low);
  if (is_whole(range)) value = std::floor(value);
  return {range, value};
}

}  // namespace plexiform::testing
