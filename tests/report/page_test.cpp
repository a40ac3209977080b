#include "plexiform/report/page.hpp"

#include <gtest/gtest.h>

#include "plexiform/base/error.hpp"
#include "plexiform/report/svg.hpp"

namespace plexiform {
namespace {

TEST(Svg, TextStaysText) {
  EXPECT_EQ(escaped("<b onclick='x'>&\"</b>"), "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;&lt;/b&gt;");
}

TEST(Svg, HeatMapIsWhiteAtZeroAndFullAtThePeak) {
  NdArray<double> map({1, 3});
  map.values = {-2, 0, 2};
  const auto svg = heat_map_svg(map, "a <title>");
  EXPECT_NE(svg.find("#313695"), std::string::npos);
  EXPECT_NE(svg.find("#ffffff"), std::string::npos);
  EXPECT_NE(svg.find("#b35806"), std::string::npos);
  EXPECT_EQ(svg.find("<title>a <"), std::string::npos);
}

TEST(Page, HoldsEveryCellAndNoMarkupFromNames) {
  ReportPage page;
  page.title = "t";
  page.frame_rate = 30;
  CellPage good;
  good.name = "<script>alert(1)</script>";
  good.figures = {{"correlation", "0.5"}};
  good.linear = NdArray<double>({2, 2}, 1);
  good.subunits.push_back(
      {NdArray<double>({2, 2}, 1), {0.0, 1.0}, 0.4, 3.25, 4.5, 0.97, NdArray<double>({2, 2}, 1), 0.85});
  good.counts = {0, 30}, good.rate = {1, 2}, good.ln_rate = {1, 1};
  CellPage failed;
  failed.name = "second";
  failed.error = "no spike in the training blocks";
  page.cells = {good, failed};
  const auto html = render_page(page);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(html.find("no spike in the training blocks"), std::string::npos);
  EXPECT_NE(html.find("40 % at (3.2, 4.5)"), std::string::npos);
  EXPECT_NE(html.find("r = 0.970"), std::string::npos);
  EXPECT_NE(html.find("confidence 0.85"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos) << "the page must not need a network";
}

TEST(Page, SaysWhichVerbMakesWhatIsMissing) {
  try {
    read_run_page("/nonexistent-run");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::file);
    EXPECT_NE(error.advice().find("plexiform score"), std::string::npos);
  }
}

}  // namespace
}  // namespace plexiform
