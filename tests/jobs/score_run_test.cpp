#include "plexiform/jobs/score_run.hpp"

#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

TEST(ScoreElsewhere, CellsThatNobodyNamedAreMatchedByRowOnlyWhereTheCallerSaysSo) {
  Recording other = testing::silent_recording(memory_stimulus(testing::random_movie(100, 1, 2, 2, 1)), 2, 100);
  RunInfo info;
  info.cells = {1};
  expect_error(ErrorKind::data, {"a_run", "no name"},
               [&] { score_elsewhere("a_run", info, other, CellMatch::by_name, {}); });
  info.names[1] = "a";
  other.names = {"", ""};
  expect_error(ErrorKind::data, {"the other recording", "no name"},
               [&] { score_elsewhere("a_run", info, other, CellMatch::by_name, {}); });
  // By row the cell is found, and what is missing is its model.
  const RunScore score = score_elsewhere("a_run", info, other, CellMatch::by_row, {});
  EXPECT_EQ(score.cells[0].error.find("name"), std::string::npos) << score.cells[0].error;
  EXPECT_NE(score.cells[0].error.find("has no model yet"), std::string::npos) << score.cells[0].error;
  // A cell that is not there is an error in its own place.
  other.names = {"b", "c"};
  const RunScore none = score_elsewhere("a_run", info, other, CellMatch::by_name, {});
  EXPECT_NE(none.cells[0].error.find("'a' is not in the recording"), std::string::npos) << none.cells[0].error;
}

}  // namespace
}  // namespace plexiform
