#include "plexiform/settings/settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "plexiform/base/error.hpp"

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
    const std::string text = to_toml(settings);
    EXPECT_EQ(to_toml(parse_settings(text, "text", {})), text) << name;
  }
}

TEST(Settings, EverySettingIsReadBack) {
  const auto text = to_toml({});
  for (const auto& setting : setting_list())
    EXPECT_NE(text.find("\n" + setting.name + " = "), std::string::npos) << setting.name;
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
  EXPECT_EQ(message_of([&] { set_assignment(s, "filters"); }), "--set takes key=value, found 'filters'");
}

TEST(Settings, FilesNameTheLine) {
  EXPECT_EQ(message_of([] { parse_settings("lags = 20\nfilterz = 3\n", "f.toml", {}); }),
            "f.toml:2: unknown setting 'filterz'; did you mean 'filters'?");
  EXPECT_NE(message_of([] { parse_settings("lags = = 20\n", "f.toml", {}); }).find("f.toml:1: not TOML"),
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
