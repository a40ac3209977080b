#include "plexiform/picture/svg.hpp"

#include <gtest/gtest.h>

namespace plexiform {
namespace {

TEST(Svg, TextStaysText) {
  EXPECT_EQ(escaped("<b onclick='x'>&\"</b>"), "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;&lt;/b&gt;");
}

TEST(Svg, NamesInAPictureAreNoMarkup) {
  NdArray<double> values({1, 1}, 0.5);
  const auto svg = matrix_svg(values, {"<b>"}, {"<i>"}, {"rows", "columns", "values"}, 0, 1, "a <title>");
  EXPECT_EQ(svg.find("<b>"), std::string::npos);
  EXPECT_EQ(svg.find("<i>"), std::string::npos);
  EXPECT_EQ(svg.find("<title>a <"), std::string::npos);
}

}  // namespace
}  // namespace plexiform
