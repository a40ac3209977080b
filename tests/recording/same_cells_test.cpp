#include "plexiform/recording/same_cells.hpp"

#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using Rows = std::vector<std::optional<std::int64_t>>;

const CellNames kHere{"here.h5", {4, 1}, {"b", "a"}};

TEST(SameCells, HaveTheNameThatSomebodyGave) {
  const CellNames there{"there.h5", {0, 1, 2}, {"a", "", "b"}};
  EXPECT_EQ(same_cells(kHere, there, CellMatch::by_name), (Rows{2, 0}));
}

TEST(SameCells, ThatAreNotThereHaveNoRow) {
  const CellNames there{"there.h5", {0, 1}, {"c", "a"}};
  EXPECT_EQ(same_cells(kHere, there, CellMatch::by_name), (Rows{std::nullopt, 1}));
}

TEST(SameCells, WithoutNamesAreRefused) {
  const CellNames none{"there.h5", {0, 1}, {"", ""}};
  expect_error(ErrorKind::data, {"there.h5", "no name"}, [&] { same_cells(kHere, none, CellMatch::by_name); });
  expect_error(ErrorKind::data, {"there.h5", "no name"}, [&] { same_cells(none, kHere, CellMatch::by_name); });
  const CellNames one{"one.h5", {3, 5}, {"a", ""}};
  expect_error(ErrorKind::data, {"one.h5: cell 5 has no name"}, [&] { same_cells(one, kHere, CellMatch::by_name); });
}

TEST(SameCells, MustHaveOneTruthWhereBothHaveOne) {
  Recording here, there;
  here.truth.resize(2);
  there.truth.resize(2);
  there.truth[1].gain = 3;
  require_same_truth("a", "here.h5", here, 0, "there.h5", there, 0);
  expect_error(ErrorKind::data, {"'a' is another cell in here.h5 than in there.h5", "true circuits differ"},
               [&] { require_same_truth("a", "here.h5", here, 1, "there.h5", there, 1); });
  there.truth[1] = {};
  there.truth[1].divisive_gain = 0.5;
  expect_error(ErrorKind::data, {"true circuits differ"},
               [&] { require_same_truth("a", "here.h5", here, 1, "there.h5", there, 1); });
  there.truth[1] = {};
  there.truth[1].shared_noise = SharedNoise{0.5, 60, 1};  // the recording's, not the cell's
  require_same_truth("a", "here.h5", here, 1, "there.h5", there, 1);
  there.truth.clear();
  require_same_truth("a", "here.h5", here, 1, "there.h5", there, 1);
}

TEST(SameCells, OfOneNameAreRefused) {
  const CellNames twice{"twice.h5", {0, 1, 2}, {"a", "b", "a"}};
  for (const auto& [here, there] : {std::pair{twice, kHere}, std::pair{kHere, twice}})
    expect_error(ErrorKind::data, {"twice.h5", "cells 0 and 2", "'a'"},
                 [&] { same_cells(here, there, CellMatch::by_name); });
}

TEST(SameCells, AreThoseOfTheSameRowOnlyWhereTheCallerSaysSo) {
  const CellNames there{"there.h5", {0, 1, 2}, {"x", "", "x"}};
  EXPECT_EQ(same_cells(kHere, there, CellMatch::by_row), (Rows{std::nullopt, 1}));
}

}  // namespace
}  // namespace plexiform
