#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "plexiform/form/model_settings.hpp"

namespace plexiform {

/// A number among the settings, and the values that it may have. The one list of ranges: check_settings and whatever
/// reads settings from text check by it.
struct SettingRange {
  const char* name;
  double low, high;  ///< inclusive; a high of infinity allows any finite number
  std::variant<std::int64_t ModelSettings::*, double ModelSettings::*, std::int64_t TrainSettings::*,
               double TrainSettings::*>
      member;
};
std::span<const SettingRange> setting_ranges();
/// Throws InternalError if no number has this name.
const SettingRange& setting_range(const std::string& name);

bool is_whole(const SettingRange& range);
double value_of(const SettingRange& range, const Settings& settings);
/// Of a whole number the part before the point.
void put_value(const SettingRange& range, Settings& settings, double value);

/// Whether a value is finite and in the range.
bool is_in(const SettingRange& range, double value);
/// What is in the range, for messages: "a whole number from 1 to 256", "a number of at least 0.0".
std::string expected_text(const SettingRange& range);
/// A number as TOML has it, which tells one from a whole one by its point: 3 -> "3.0".
std::string real_text(double value);

}  // namespace plexiform
