#include "plexiform/network_map/reveal_fit.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fit/small_recording.hpp"
#include "plexiform/network_map/candidates.hpp"

namespace plexiform {
namespace {

/// A recording of a model cell and a network that begins at its spike-triggered average.
struct Small {
  SmallFit made;
  CellFit fit;
};

Small small(std::int64_t frames) {
  Settings settings;
  Small s{small_fit("mosaic5", frames, settings), {}};
  s.fit.window.window = whole(s.made.recording.stimulus->shape());
  s.fit.window.centre = {8, 8};
  s.fit.model = initial_network(s.made.data, s.made.look, settings.model, StartFrom::average, 1, 0);
  s.fit.ln = initial_network(s.made.data, s.made.look, preset_settings("ln").model, StartFrom::average, 1, 0);
  s.fit.validation_loss = 0.3;
  s.fit.tried = {{"relu", 0.3, true}};
  return s;
}

RevealFitSettings quick(Pruning pruning = Pruning::likelihood) {
  RevealFitSettings settings;
  settings.reveal.quick = true;
  settings.pruning = pruning;
  settings.train.passes = 1;
  return settings;
}

RevealedFit revealed(const Small& s, const RevealFitSettings& settings) {
  return reveal_fit(s.fit, s.made.recording, s.made.split, settings, 1, {.threads = 2});
}

TEST(RevealFit, IsWhatRevealCellFindsWithWhatTheNetworkSaysBesideIt) {
  const Small s = small(5000);
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  const auto found = revealed(s, quick());
  EXPECT_EQ(at::get_num_threads(), 2);
  at::set_num_threads(before);
  const auto alone = reveal_cell(s.made.recording, 0, {8, 8}, s.made.split, quick().reveal, 1, {.threads = 1});
  ASSERT_EQ(found.subunits.subunits.size(), alone.subunits.subunits.size());
  for (std::size_t i = 0; i < alone.subunits.subunits.size(); ++i)
    EXPECT_EQ(found.subunits.subunits[i].spatial.values, alone.subunits.subunits[i].spatial.values);
  EXPECT_EQ(found.subunits.map_number, joined_candidates(network_of(s.fit)).size());
  EXPECT_EQ(found.subunits.networks.size(), 1U);
  EXPECT_EQ(found.subunits.linear.shape, (std::vector<std::int64_t>{16, 16}));
  EXPECT_TRUE(std::isfinite(found.subunits.validation_bits->network));
  EXPECT_EQ(found.subunits.validation_bits->subunits, alone.subunits.validation_bits->subunits);
  ASSERT_TRUE(found.minimal.has_value());
  ASSERT_TRUE(std::holds_alternative<SubunitModel>(found.minimal->model));
  EXPECT_EQ(parameters_of(std::get<SubunitModel>(found.minimal->model).model), parameters_of(alone.minimal->model));
  EXPECT_FALSE(found.minimal->arrays.has_value()) << "those of the whole network";
  EXPECT_TRUE(found.minimal->tried.empty());
}

TEST(RevealFit, PrunedByAutocorrelationTheMinimalNetworkIsTheFittedOnesOwn) {
  const Small s = small(4000);
  const auto found = revealed(s, quick(Pruning::autocorrelation));
  ASSERT_TRUE(found.minimal.has_value());
  EXPECT_TRUE(std::holds_alternative<Network>(found.minimal->model));
  EXPECT_FALSE(found.subunits.morans_i.empty());
  EXPECT_EQ(found.subunits.curve.front().subunits, found.subunits.morans_i.size());
  EXPECT_FALSE(found.subunits.subunits.empty()) << "they stand beside it";
}

TEST(RevealFit, AFitThatWasInterruptedSaysSo) {
  Small s = small(3000);
  s.fit.ended = false;
  EXPECT_NE(revealed(s, quick()).subunits.remark.find("interrupted"), std::string::npos);
  s.fit.ended = true;
  EXPECT_EQ(revealed(s, quick()).subunits.remark.find("interrupted"), std::string::npos);
}

}  // namespace
}  // namespace plexiform
