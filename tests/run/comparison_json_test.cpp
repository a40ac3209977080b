#include "plexiform/run/comparison_json.hpp"

#include <gtest/gtest.h>

namespace plexiform {
namespace {

TEST(ComparisonJson, AFailedMethodLeavesItsErrorInItsPlace) {
  MethodResult ln, stnmf;
  ln.method = "ln";
  ln.gain = 0.125;
  stnmf.method = "stnmf";
  stnmf.error = "nothing";
  Comparison all;
  all.scored_on = "test block";
  all.cells.push_back({0, "cell", 10, std::nullopt, {ln, stnmf}});
  const std::string json = to_json(all);
  EXPECT_NE(json.find("\"error\":\"nothing\",\"method\":\"stnmf\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"bits_gain\":0.125"), std::string::npos) << json;
}

}  // namespace
}  // namespace plexiform
