#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "base/expect_error.hpp"
#include "form/setting_in_range.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/form/setting_ranges.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Settings in which a window of any size goes with a filter of any size.
Settings with(const SettingRange& range, double value) {
  Settings s;
  s.model.full_window = true;
  s.model.padding = Padding::valid;
  put_value(range, s, value);
  return s;
}

/// Refused by name, with what is expected, and with a value that would do.
void expect_refused(const SettingRange& range, double value) {
  expect_error(ErrorKind::usage, {std::string(range.name) + " is ", expected_text(range)},
               [&] { check_settings(with(range, value)); });
  try {
    check_settings(with(range, value));
  } catch (const Error& error) {
    ASSERT_TRUE(error.parameter());
    EXPECT_EQ(error.parameter()->name, range.name);
    EXPECT_TRUE(is_in(range, std::stod(error.parameter()->example))) << error.parameter()->example;
  }
}

TEST(CheckSettings, PresetsAreInOrder) {
  for (const auto& name : setting_presets()) EXPECT_NO_THROW(check_settings(preset_settings(name))) << name;
}

RC_GTEST_PROP(CheckSettings, ANumberMayBeAnywhereInItsRangeEndsIncluded, ()) {
  const auto [range, value] = testing::setting_in_range();
  const Settings settings = with(range, value);
  RC_ASSERT(value_of(range, settings) == value);
  check_settings(settings);
}

TEST(CheckSettings, NoNumberMayBeBeyondItsRange) {
  for (const auto& range : setting_ranges()) {
    const double step = is_whole(range) ? 1 : 0;
    expect_refused(range, step > 0 ? range.low - step : std::nextafter(range.low, -kInfinity));
    if (std::isfinite(range.high))
      expect_refused(range, step > 0 ? range.high + step : std::nextafter(range.high, kInfinity));
  }
}

TEST(CheckSettings, NoNumberMayBeInfiniteOrNone) {
  for (const auto& range : setting_ranges()) {
    EXPECT_FALSE(is_in(range, kInfinity)) << range.name;
    EXPECT_FALSE(is_in(range, -kInfinity)) << range.name;
    EXPECT_FALSE(is_in(range, std::nan(""))) << range.name;
    if (is_whole(range)) continue;  // which cannot be
    for (const double value : {kInfinity, -kInfinity, std::nan("")}) expect_refused(range, value);
  }
}

TEST(CheckSettings, DefaultsAreInTheirRanges) {
  for (const auto& range : setting_ranges())
    EXPECT_TRUE(is_in(range, value_of(range, {}))) << range.name << " is " << value_of(range, {});
}

TEST(SettingRange, SaysWhatIsExpected) {
  EXPECT_EQ(expected_text(setting_range("filters")), "a whole number from 1 to " + std::to_string(kMostFilters));
  EXPECT_EQ(expected_text(setting_range("noise")), "a number of at least 0.0");
  EXPECT_EQ(expected_text(setting_range("final_rate")), "a number from 1e-06 to 1.0");
  EXPECT_THROW(setting_range("padding"), InternalError);
}

}  // namespace
}  // namespace plexiform
