#include "plexiform/settings/settings.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "form/setting_in_range.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/form/setting_ranges.hpp"

namespace plexiform {
namespace {

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Settings, TextAndBackIsTheSameForEveryPreset) {
  for (const auto& name : setting_presets()) {
    const Settings settings = preset_settings(name);
    EXPECT_EQ(parse_settings(to_toml(settings), "text", {}), settings) << name;
  }
}

/// What some setting takes; each setting takes several of them that are not its default.
const std::vector<std::string> kValues = {"true",    "false",        "zero",    "valid",  "nonnegative", "free",
                                          "average", "random",       "relu",    "fitted", "softplus",    "auto",
                                          "linear",  "half_squared", "squared", "1",      "3",           "7",
                                          "0.125",   "0.1",          "1e-05",   "1.5",    "255"};

TEST(Settings, EveryOneIsReadBackFromTextOffItsDefaultAndAlone) {
  const Settings usual;
  for (const auto& setting : setting_list()) {
    int tried = 0;
    for (const auto& value : kValues) {
      Settings s;
      try {
        set_value(s, setting.name, value);
      } catch (const Error&) {
        continue;  // not a value of this setting
      }
      if (s == usual) continue;
      ++tried;
      EXPECT_EQ(parse_settings(to_toml(s), "text", {}), s) << setting.name << " = " << value;
      // The same line alone says the same.
      const std::string text = to_toml(s), key = "\n" + setting.name + " = ";
      const auto line = text.substr(text.find(key) + 1, text.find('\n', text.find(key) + 1) - text.find(key));
      EXPECT_EQ(parse_settings(line, "text", {}), s) << line;
    }
    EXPECT_GE(tried, 1) << setting.name << " was never off its default";
  }
}

TEST(Settings, EveryFieldHasASetting) {
  // A field that is added does not compile here before it is counted, and is not right before it is in the table.
  [[maybe_unused]] const auto [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13] = ModelSettings{};
  [[maybe_unused]] const auto [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19,
                               b20] = TrainSettings{};
  const std::size_t fields = 13 + 20 - 1;  // `subunits` is two: which, or that they are tried
  EXPECT_EQ(setting_list().size(), fields);
}

TEST(Settings, AFileMayBeginWithAByteOrderMark) {
  EXPECT_EQ(parse_settings("\xEF\xBB\xBFlags = 7\n", "text", {}).model.lags, 7);
}

TEST(Settings, UnknownOnesNameTheNearest) {
  Settings s;
  EXPECT_EQ(message_of([&] { set_assignment(s, "filterz=4"); }), "unknown setting 'filterz'; did you mean 'filters'?");
  EXPECT_EQ(message_of([&] { preset_settings("yan2021"); }), "unknown preset 'yan2021'; did you mean 'yan2020'?");
}

TEST(Settings, BadValuesSayWhatIsExpected) {
  Settings s;
  EXPECT_EQ(message_of([&] { set_value(s, "filters", "four"); }),
            "setting 'filters' is 'four', expected a whole number from 1 to 256");
  EXPECT_EQ(message_of([&] { set_value(s, "noise", "-1"); }),
            "setting 'noise' is '-1', expected a number of at least 0.0");
  EXPECT_EQ(message_of([&] { set_value(s, "noise", "nan"); }),
            "setting 'noise' is 'nan', expected a number of at least 0.0");
  EXPECT_EQ(message_of([&] { set_value(s, "map", "positive"); }),
            "setting 'map' is 'positive', expected nonnegative or free");
  EXPECT_EQ(message_of([&] { set_assignment(s, "filters"); }),
            "a setting is 'filters', expected name=value, such as filters=4");
}

/// As text, a whole number without a point.
std::string text_of(const SettingRange& range, double value) {
  return is_whole(range) && std::abs(value) < 1e15 ? std::to_string(static_cast<std::int64_t>(value))
                                                   : number_text(value);
}

/// Of the one list: check_settings has the same ranges, and the same test (tests/form).
RC_GTEST_PROP(Settings, ANumberMayBeAnywhereInItsRangeEndsIncluded, ()) {
  const auto [range, value] = testing::setting_in_range();
  Settings s;
  set_value(s, range.name, text_of(range, value));
  RC_ASSERT(value_of(range, s) == value);
  RC_ASSERT(value_of(range, parse_settings(to_toml(s), "text", {})) == value);
}

TEST(Settings, NoNumberMayBeBeyondItsRangeInfiniteOrNone) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const auto& range : setting_ranges()) {
    const bool whole = is_whole(range);
    std::vector<std::string> beyond = {
        "inf",   "-inf", "nan",
        "1e400", "",     text_of(range, whole ? range.low - 1 : std::nextafter(range.low, -kInfinity))};
    if (std::isfinite(range.high))
      beyond.push_back(text_of(range, whole ? range.high + 1 : std::nextafter(range.high, kInfinity)));
    if (whole) beyond.insert(beyond.end(), {"1.5", "99999999999999999999"});
    for (const std::string& text : beyond) {
      Settings s;
      EXPECT_EQ(message_of([&] { set_value(s, range.name, text); }),
                "setting '" + std::string(range.name) + "' is '" + text + "', expected " + expected_text(range));
      EXPECT_EQ(s, Settings{}) << range.name;
    }
  }
}

TEST(Settings, AnInfinityInAFileIsRefused) {
  for (const std::string text : {"inf", "-inf", "nan"})
    EXPECT_NE(message_of([&] {
                parse_settings("lags = 20\nnoise = " + text + "\n", "f.toml", {});
              }).find("f.toml: line 2: setting 'noise' is '" + text + "', expected a number of at least 0.0"),
              std::string::npos)
        << text;
}

TEST(Settings, EveryNumberIsInTheOneList) {
  std::size_t numbers = 0;
  for (const auto& setting : setting_list()) {
    const char first = setting.default_value[0];
    const bool is_number = first >= '0' && first <= '9';
    numbers += is_number;
    if (is_number) {
      EXPECT_NO_THROW(setting_range(setting.name)) << setting.name;
    }
  }
  EXPECT_EQ(numbers, setting_ranges().size());
}

TEST(Settings, FilesNameTheLine) {
  EXPECT_EQ(message_of([] { parse_settings("lags = 20\nfilterz = 3\n", "f.toml", {}); }),
            "f.toml: line 2: unknown setting 'filterz'; did you mean 'filters'?");
  EXPECT_NE(message_of([] { parse_settings("lags = = 20\n", "f.toml", {}); }).find("f.toml: line 1: is not TOML"),
            std::string::npos);
}

TEST(Settings, SubunitsAreFixedOrTried) {
  Settings s;
  EXPECT_TRUE(s.train.try_subunits);
  set_value(s, "subunits", "squared");
  EXPECT_FALSE(s.train.try_subunits);
  EXPECT_EQ(s.model.subunits, SubunitNonlinearity::squared);
  set_value(s, "subunits", "auto");
  EXPECT_TRUE(s.train.try_subunits);
}

TEST(Settings, AFilterLargerThanTheWindowIsRefused) {
  Settings s;
  set_value(s, "filter_size", "9");
  set_value(s, "window", "8");
  EXPECT_EQ(message_of([&] { check_settings(s); }), "filter_size is 9 pixels, the window has 8");
}

}  // namespace
}  // namespace plexiform
