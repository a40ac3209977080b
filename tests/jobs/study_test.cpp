#include "plexiform/jobs/study.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/jobs/study_plan.hpp"
#include "plexiform/recording/cut.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {
namespace {

TEST(Study, ACutRecordingKeepsItsFirstFramesAndItsTestBlock) {
  CellRecipe recipe;
  recipe.seed = 104;
  recipe.frames = 6000;
  const Recording whole = simulate(recipe);
  const Recording cut = cut_recording(whole, 0.4, 1000);
  ASSERT_EQ(cut.bins(), 3000);
  ASSERT_EQ(cut.segments.size(), 2U);
  EXPECT_EQ(cut.segments[1].first_frame, 5000);
  for (std::size_t t = 0; t < 3000; ++t)
    ASSERT_EQ(cut.counts.values[t], whole.counts.values[t < 2000 ? t : t + 3000]) << t;
  SplitSettings split;
  split.test.frames = 1000;
  EXPECT_EQ(total(make_split(cut, split).test()), total(make_split(whole, split).test()) + split.lags - 1);
  EXPECT_EQ(cut_recording(whole, 1, 1000).counts.values, whole.counts.values);
}

TEST(Study, ValuesThatMakeNoSenseAreRefused) {
  StudyRequest request;
  request.subject = PresetSubject{"mosaic5"};
  const auto refused = [&](StudyKind kind, double value) {
    request.kind = kind;
    request.values = {value};
    EXPECT_THROW(plan_study(request), Error) << to_string(kind) << " " << value;
  };
  refused(StudyKind::filters, 0);
  refused(StudyKind::filters, 1.5);
  refused(StudyKind::size, 17);
  refused(StudyKind::data, 0);
  refused(StudyKind::data, 1.1);
  refused(StudyKind::noise, -1);
  refused(StudyKind::threshold, std::nan(""));
  request.values = {0.5, 0.5};
  request.kind = StudyKind::data;
  EXPECT_THROW(plan_study(request), Error);
}

TEST(Study, APlanHasAPieceForEachValueAndSeed) {
  StudyRequest request;
  request.kind = StudyKind::filters;
  request.subject = PresetSubject{"mosaic5"};
  request.folder = "f";
  request.values = {1, 4};
  const auto plan = plan_study(request);
  ASSERT_EQ(plan.size(), 6U);
  EXPECT_EQ(plan[5].name, "4_103");
  EXPECT_EQ(plan[5].settings.model.filters, 4);
  EXPECT_EQ(plan[0].recording, plan[3].recording);  // the same cell
  EXPECT_EQ(plan[0].test_frames, 0);
}

TEST(Study, TheThresholdOfARecordingCannotBeStudied) {
  StudyRequest request;
  request.kind = StudyKind::threshold;
  request.subject = RecordedSubject{"cells.h5"};
  try {
    plan_study(request);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("cells.h5: is a recording"), std::string::npos) << error.what();
  }
}

TEST(Study, WithoutASeedTheErrorNamesTheParameter) {
  StudyRequest request;
  request.subject = PresetSubject{"mosaic5"};
  request.seeds.clear();
  try {
    plan_study(request);
    FAIL();
  } catch (const Error& error) {
    ASSERT_TRUE(error.parameter());
    EXPECT_EQ(error.parameter()->name, "seeds");
  }
}

}  // namespace
}  // namespace plexiform
