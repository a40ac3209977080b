#include "plexiform/form/setting_ranges.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace {

using M = ModelSettings;
using T = TrainSettings;

constexpr double kAny = std::numeric_limits<double>::infinity();

/// Upper ends that are not infinite are far above what is of use: they keep sizes within memory and rates from being
/// mistyped. Averaging ends below 1, at which the average never moves.
constexpr std::array kRanges{
    SettingRange{"lags", 1, 1000, &M::lags},
    SettingRange{"window", 1, 1000, &M::window},
    SettingRange{"filters", 1, kMostFilters, &M::filters},
    SettingRange{"filter_size", 1, 1000, &M::filter_size},
    SettingRange{"noise", 0, kAny, &M::noise},
    SettingRange{"contrast_scale", 1e-6, 1e6, &M::contrast_scale},
    SettingRange{"starts", 1, 1000, &T::starts},
    SettingRange{"batch", 1, 1e7, &T::batch},
    SettingRange{"passes", 1, 1e6, &T::passes},
    SettingRange{"steps", 1, 1e9, &T::steps},
    SettingRange{"patience", 1, 1e6, &T::patience},
    SettingRange{"learning_rate", 1e-9, 10, &T::learning_rate},
    SettingRange{"final_rate", 1e-6, 1, &T::final_rate},
    SettingRange{"averaging", 0, 0.999999, &T::averaging},
    SettingRange{"l1_filter", 0, kAny, &T::l1_filter},
    SettingRange{"l2_filter", 0, kAny, &T::l2_filter},
    SettingRange{"smooth_filter", 0, kAny, &T::smooth_filter},
    SettingRange{"smooth_temporal", 0, kAny, &T::smooth_temporal},
    SettingRange{"l1_map", 0, kAny, &T::l1_map},
    SettingRange{"l2_map", 0, kAny, &T::l2_map},
    SettingRange{"l1_activity", 0, kAny, &T::l1_activity},
    SettingRange{"block_seconds", 0, 1e6, &T::block_seconds},
};

/// Calls use(number) with the number of a range in settings, const or not.
template <class S, class Use>
void with_number(const SettingRange& range, S& settings, const Use& use) {
  std::visit(
      [&](auto member) {
        if constexpr (requires { settings.model.*member; })
          use(settings.model.*member);
        else
          use(settings.train.*member);
      },
      range.member);
}

}  // namespace

std::span<const SettingRange> setting_ranges() {
  return kRanges;
}

const SettingRange& setting_range(const std::string& name) {
  for (const SettingRange& range : kRanges)
    if (name == range.name) return range;
  throw InternalError("no setting '" + name + "' has a range");
}

bool is_whole(const SettingRange& range) {
  return std::holds_alternative<std::int64_t M::*>(range.member) ||
         std::holds_alternative<std::int64_t T::*>(range.member);
}

double value_of(const SettingRange& range, const Settings& settings) {
  double value = 0;
  with_number(range, settings, [&](const auto& number) { value = static_cast<double>(number); });
  return value;
}

void put_value(const SettingRange& range, Settings& settings, double value) {
  with_number(range, settings, [&](auto& number) { number = static_cast<std::decay_t<decltype(number)>>(value); });
}

bool is_in(const SettingRange& range, double value) {
  return std::isfinite(value) && value >= range.low && value <= range.high;
}

std::string expected_text(const SettingRange& range) {
  if (is_whole(range))
    return "a whole number from " + std::to_string(static_cast<std::int64_t>(range.low)) + " to " +
           std::to_string(static_cast<std::int64_t>(range.high));
  if (std::isinf(range.high)) return "a number of at least " + real_text(range.low);
  return "a number from " + real_text(range.low) + " to " + real_text(range.high);
}

std::string real_text(double value) {
  const std::string result = number_text(value);
  return result.find_first_of(".en") == std::string::npos ? result + ".0" : result;
}

}  // namespace plexiform
