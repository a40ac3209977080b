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

Context lent(std::size_t memory_bytes) {
  return {.threads = 8, .progress = [](const Progress&) {}, .memory_bytes = memory_bytes};
}

TEST(Context, PartsThatGoSideBySideHaveNoMoreMemoryThanTheWhole) {
  for (const std::size_t bytes : {0U, 5U, 1000U}) {
    for (const int parts : {1, 3, 7}) {
      const Context part = part_of(lent(bytes), 2, parts);
      EXPECT_EQ(part.threads, 2);
      EXPECT_LE(part.memory_bytes * static_cast<std::size_t>(parts), bytes);
      EXPECT_GT((part.memory_bytes + 1) * static_cast<std::size_t>(parts), bytes) << "nor is any of it lost";
    }
  }
}

TEST(Context, APartThatGoesAloneHasAllOfTheMemory) {
  EXPECT_EQ(part_of(lent(1001), 8, 1).memory_bytes, 1001U);
  EXPECT_EQ(part_of(lent(1001), 8, 0).memory_bytes, 1001U) << "none of no parts is there to be divided";
}

TEST(Context, APartOfAPartHasAShareOfItsShare) {
  EXPECT_EQ(part_of(part_of(lent(1200), 4, 2), 1, 3).memory_bytes, 200U);
}

TEST(Context, APartStopsWithTheWholeAndLeavesTheTellingToIt) {
  std::stop_source source;
  Context whole = lent(1000);
  whole.stop = source.get_token();
  const Context part = part_of(whole, 1, 2);
  EXPECT_FALSE(part.progress);
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
