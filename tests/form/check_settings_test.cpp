#include <gtest/gtest.h>

#include <cmath>

#include "base/expect_error.hpp"
#include "plexiform/form/model_settings.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

TEST(CheckSettings, PresetsAreInOrder) {
  for (const auto& name : setting_presets()) EXPECT_NO_THROW(check_settings(preset_settings(name))) << name;
}

TEST(CheckSettings, NumbersWithoutANetworkOrATrainingAreRefusedByName) {
  Settings s;
  s.train.starts = 0;
  expect_error(ErrorKind::usage, {"starts is 0", "1 or more"}, [&] { check_settings(s); });
  s = {};
  s.model.filters = kMostFilters + 1;
  expect_error(ErrorKind::usage, {"filters is 257", "256 or fewer"}, [&] { check_settings(s); });
  s = {};
  s.train.learning_rate = 0;
  expect_error(ErrorKind::usage, {"learning_rate is 0"}, [&] { check_settings(s); });
  s = {};
  s.train.l1_map = std::nan("");
  expect_error(ErrorKind::usage, {"l1_map is nan"}, [&] { check_settings(s); });
  try {
    check_settings(s);
  } catch (const Error& error) {
    EXPECT_EQ(error.parameter()->name, "l1_map");
  }
}

}  // namespace
}  // namespace plexiform
