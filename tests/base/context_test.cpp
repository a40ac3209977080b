#include "plexiform/base/context.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace plexiform {
namespace {

TEST(Context, HasAsManyThreadsAsItSaysOrAsTheMachineOffers) {
  for (const int threads : {1, 2, 17}) EXPECT_EQ(threads_of({.threads = threads}), threads);
  EXPECT_EQ(threads_of({}), default_threads());
  EXPECT_EQ(threads_of({.threads = -1}), default_threads());
}

TEST(Context, APartHasItsThreadsAndStopsWithTheWholeButTellsNothing) {
  std::stop_source source;
  int told = 0;
  const Context whole{
      .threads = 8, .stop = source.get_token(), .progress = [&](const Progress&) { ++told; }, .memory_bytes = 4096};
  const Context part = part_of(whole, 3);
  EXPECT_EQ(part.threads, 3);
  EXPECT_EQ(part.memory_bytes, 4096U);
  tell(part, {"reading", 0, 0, {}, {}});
  EXPECT_EQ(told, 0) << "the whole tells how far it is, not each of its parts";
  EXPECT_NO_THROW(check_stop(part));
  source.request_stop();
  EXPECT_THROW(check_stop(part), Interrupted);
}

TEST(Context, StopsOnlyWhereItIsAskedTo) {
  EXPECT_NO_THROW(check_stop({})) << "a context without a token never stops";
  std::stop_source source;
  const Context context{.stop = source.get_token()};
  EXPECT_NO_THROW(check_stop(context));
  source.request_stop();
  EXPECT_THROW(check_stop(context), Interrupted);
}

TEST(Context, TellsWhoeverIsThere) {
  EXPECT_NO_THROW(tell({}, {"nobody", 0, 0, {}, {}}));
  std::vector<Progress> told;
  const Context context{.progress = [&](const Progress& progress) { told.push_back(progress); }};
  tell(context, {"fit", 3, 8, "cells", "0.4 bits"});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].what, "fit");
  EXPECT_EQ(told[0].done, 3);
  EXPECT_EQ(told[0].total, 8);
  EXPECT_EQ(told[0].unit, "cells");
  EXPECT_EQ(told[0].figures, "0.4 bits");
}

}  // namespace
}  // namespace plexiform
