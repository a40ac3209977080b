#include "plexiform/base/parallel.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace plexiform {
namespace {

RC_GTEST_PROP(ParallelFor, CallsEachIndexOnce, ()) {
  const auto n = *rc::gen::inRange<std::int64_t>(0, 300);
  const auto threads = *rc::gen::inRange(0, 9);
  std::vector<std::atomic<int>> calls(static_cast<std::size_t>(n));
  std::atomic<int> pieces{0};
  parallel_for(n, threads, [&](std::int64_t begin, std::int64_t end) {
    ++pieces;
    for (std::int64_t i = begin; i < end; ++i) ++calls[static_cast<std::size_t>(i)];
  });
  for (const auto& c : calls) RC_ASSERT(c == 1);
  if (threads > 0) RC_ASSERT(pieces <= threads);
}

TEST(ParallelFor, TellsTheFirstPiecesFailureAfterAllHaveEnded) {
  std::atomic<int> ended{0};
  try {
    parallel_for(4, 4, [&](std::int64_t begin, std::int64_t) {
      ++ended;
      if (begin >= 1) throw std::runtime_error("piece " + std::to_string(begin));
    });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "piece 1");
  }
  EXPECT_EQ(ended, 4);
}

TEST(ParallelFor, MayBeNested) {
  std::atomic<std::int64_t> sum{0};
  parallel_for(3, 3, [&](std::int64_t a, std::int64_t b) {
    parallel_for(b - a, 2, [&](std::int64_t c, std::int64_t d) { sum += d - c; });
  });
  EXPECT_EQ(sum, 3);
}

TEST(DefaultThreads, IsAtLeastOne) {
  EXPECT_GE(default_threads(), 1);
}

RC_GTEST_PROP(ParallelEach, CallsEachIndexOnce, ()) {
  const auto n = *rc::gen::inRange<std::int64_t>(0, 300);
  std::vector<std::atomic<int>> calls(static_cast<std::size_t>(n));
  parallel_each(n, *rc::gen::inRange(0, 9), [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
  for (const auto& c : calls) RC_ASSERT(c == 1);
}

TEST(ParallelEach, BeginsNoMoreAfterAFailure) {
  int begun = 0;
  const auto fail_at_third = [&](std::int64_t i) {
    ++begun;
    if (i == 2) throw std::runtime_error("the third");
  };
  EXPECT_THROW(parallel_each(10, 1, fail_at_third), std::runtime_error);
  EXPECT_EQ(begun, 3);
}

}  // namespace
}  // namespace plexiform
