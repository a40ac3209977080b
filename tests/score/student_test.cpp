#include "plexiform/score/student.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace plexiform {
namespace {

TEST(Student, OneAndTwoDegreesHaveClosedForms) {
  for (const double t : {0.0, 0.3, 1.0, 5.0, 40.0}) {
    EXPECT_NEAR(student_tail(t, 1), 0.5 - std::atan(t) / std::numbers::pi, 1e-12) << t;
    EXPECT_NEAR(student_tail(t, 2), 0.5 - t / (2 * std::sqrt(2 + t * t)), 1e-12) << t;
  }
}

TEST(Student, QuantilesAreThoseOfTables) {
  EXPECT_NEAR(student_quantile(0.025, 1), 12.706, 1e-3);
  EXPECT_NEAR(student_quantile(0.025, 4), 2.776, 1e-3);
  EXPECT_NEAR(student_quantile(0.025, 30), 2.042, 1e-3);
  EXPECT_NEAR(student_quantile(0.005, 9), 3.250, 1e-3);
}

TEST(Student, ManyDegreesAreNormal) {
  EXPECT_NEAR(student_tail(1.6449, 100'000), 0.05, 1e-4);
}

}  // namespace
}  // namespace plexiform
