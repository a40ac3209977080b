#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

TEST(Settings, AnOlderFileMayHaveTheNamesOfItsTime) {
  const RenamedSetting renamed[] = {{"kernels", "filters"}};
  const Settings settings = parse_settings("version = 1\nkernels = 5\nlags = 9\n", "old.toml", {}, renamed);
  EXPECT_EQ(settings.model.filters, 5);
  EXPECT_EQ(settings.model.lags, 9);
  expect_error(ErrorKind::usage, {"unknown setting 'kernels'"}, [] { parse_settings("kernels = 5\n", "s.toml", {}); });
}

TEST(Settings, EachRenamedOneHasANameOfToday) {
  for (const RenamedSetting& old : renamed_settings()) {
    bool known = false;
    for (const SettingInfo& setting : setting_list()) {
      known = known || setting.name == old.now;
      EXPECT_NE(setting.name, old.before);
    }
    EXPECT_TRUE(known) << old.now;
  }
}

TEST(Settings, ANewerFileIsRefusedBeforeItsSettings) {
  expect_error(ErrorKind::damaged, {"new.toml", "found version 3", "expected 1 to 2"},
               [] { parse_settings("version = 3\nfilterz = 1\n", "new.toml", {}); });
}

}  // namespace
}  // namespace plexiform
