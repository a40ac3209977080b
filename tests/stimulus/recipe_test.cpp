#include "plexiform/stimulus/recipe.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "base/expect_error.hpp"

namespace plexiform {
namespace {

using testing::expect_error;

Ran1Recipe recorded() {
  Ran1Recipe recipe;
  recipe.seed = -10000;
  recipe.height = 150;
  recipe.width = 200;
  recipe.running_frames = 1500;
  recipe.frozen_frames = 300;
  recipe.frozen_seed = -20000;
  return recipe;
}

TEST(Recipe, IsKeptAsOneJsonObject) {
  EXPECT_EQ(to_json(recorded()),
            R"({"kind":"ran1","values":"binary","seed":-10000,"height":150,"width":200,"order":"xy","contrast":1.0,)"
            R"("running_frames":1500,"frozen_frames":300,"frozen_seed":-20000})");
  EXPECT_EQ(
      to_json(WhiteNoiseRecipe{NoiseValues::gaussian, 18446744073709551615u, {2, 3, 4}, 0.3}),
      R"({"kind":"white_noise","values":"gaussian","seed":18446744073709551615,"channels":2,"height":3,"width":4,)"
      R"("contrast":0.3})");
}

RC_GTEST_PROP(Recipe, ReadsWhatItWrites, (std::uint64_t seed, bool gaussian, bool yx)) {
  const auto side = [] { return *rc::gen::inRange<std::int64_t>(1, 1000); };
  const auto values = gaussian ? NoiseValues::gaussian : NoiseValues::binary;
  const WhiteNoiseRecipe white{values, seed, {side(), side(), side()}, 1.0 / static_cast<double>(side())};
  RC_ASSERT(to_json(recipe_from_json(to_json(white))) == to_json(white));
  RC_ASSERT(std::get<WhiteNoiseRecipe>(recipe_from_json(to_json(white))).seed == seed);
  const Ran1Recipe ran1{
      values, -side(), side(), side(), yx ? PixelOrder::yx : PixelOrder::xy, 1.0 / static_cast<double>(side()),
      side(), side(),  -side()};
  RC_ASSERT(to_json(recipe_from_json(to_json(ran1))) == to_json(ran1));
  const FrameShape shape{side(), side(), side()};
  const double contrast = 1.0 / static_cast<double>(side()), least = static_cast<double>(side()) + 1,
               most = least + static_cast<double>(side());
  for (const StimulusRecipe& recipe : std::initializer_list<StimulusRecipe>{
           DeadLeavesRecipe{seed, shape, least, most, yx ? Normalisation::image : Normalisation::set, contrast, side()},
           GratingRecipe{yx ? GratingMotion::reversing : GratingMotion::drifting, seed, shape, contrast, least, most,
                         least, side()},
           FlickerRecipe{values, seed, shape, contrast, side()}, ChirpRecipe{shape, contrast, 2 * most, least}}) {
    RC_ASSERT(to_json(recipe_from_json(to_json(recipe))) == to_json(recipe));
    RC_ASSERT(recipe_from_json(to_json(recipe)).index() == recipe.index());
  }
}

std::string with(const std::string& from, const std::string& to) {
  std::string json = to_json(recorded());
  const auto at = json.find(from);
  return at == std::string::npos ? "not there: " + from : json.replace(at, from.size(), to);
}

TEST(Recipe, TellsWhatIsWrongWithTheJson) {
  const auto refused = [](const std::string& json, const std::vector<std::string>& words) {
    expect_error(ErrorKind::data, words, [&] { recipe_from_json(json); });
  };
  refused("", {"not a JSON object"});
  refused("{\"kind\":", {"not a JSON object"});
  refused("[1]", {"not a JSON object"});
  refused("{}", {"kind is missing"});
  refused(with("\"ran1\"", "\"ran2\""), {"'ran2'", "white_noise, ran1, dead_leaves"});
  refused(with("\"ran1\"", "7"), {"kind is 7"});
  refused(with("\"frozen_seed\"", "\"frozen_sed\""), {"unknown field 'frozen_sed'", "did you mean 'frozen_seed'"});
  refused(with("\"seed\":-10000,", ""), {"'seed' is missing"});
  refused(with("-10000", "\"a\""), {"'seed' is \"a\"", "whole number"});
  refused(with("-10000", "-1.5"), {"'seed' is -1.5"});
  refused(with("-10000", "18446744073709551615"), {"'seed' is 18446744073709551615"});
  refused(with("\"xy\"", "\"zz\""), {"'order' is \"zz\"", "expected xy or yx"});
  refused(with("1.0", "null"), {"'contrast' is null", "a number"});
  refused(with("-10000", "10000"), {"seed is 10000", "negative"});
}

TEST(Recipe, TellsWhatMakesNoSense) {
  const auto refused = [](const StimulusRecipe& recipe, const std::vector<std::string>& words) {
    expect_error(ErrorKind::data, words, [&] { make_stimulus(recipe); });
  };
  const auto changed = [](auto change) {
    Ran1Recipe recipe = recorded();
    change(recipe);
    return recipe;
  };
  refused(WhiteNoiseRecipe{}, {"0 x 0 pixels"});
  refused(WhiteNoiseRecipe{.shape = {0, 3, 3}}, {"0 channels"});
  refused(WhiteNoiseRecipe{.shape = {1, 3, 1l << 40}}, {"expected each from 1"});
  refused(WhiteNoiseRecipe{.shape = {1, 3, 3}, .contrast = 0}, {"contrast is 0"});
  refused(WhiteNoiseRecipe{.shape = {1, 3, 3}, .contrast = std::numeric_limits<double>::quiet_NaN()},
          {"contrast is nan"});
  refused(changed([](auto& r) { r.width = -3; }), {"150 x -3"});
  refused(changed([](auto& r) { r.seed = 3; }), {"seed is 3", "negative"});
  refused(changed([](auto& r) { r.frozen_seed = 3; }), {"frozen_seed is 3", "negative"});
  refused(changed([](auto& r) { r.running_frames = 0; }), {"running_frames is 0", "expected both"});
  refused(changed([](auto& r) { r.frozen_frames = -1; }), {"frozen_frames is -1"});
  refused(DeadLeavesRecipe{}, {"0 x 0 pixels"});
  refused(DeadLeavesRecipe{.shape = {1, 3, 3}, .smallest = 0}, {"smallest is 0"});
  refused(DeadLeavesRecipe{.shape = {1, 3, 3}, .smallest = 3, .largest = 2}, {"largest is 2"});
  refused(DeadLeavesRecipe{.shape = {1, 3, 3}, .frames_each = 0}, {"frames_each is 0"});
  refused(GratingRecipe{.shape = {1, 3, 3}, .shortest = 1}, {"shortest is 1"});
  refused(GratingRecipe{.shape = {1, 3, 3}, .cycle = 1}, {"cycle is 1"});
  refused(FlickerRecipe{.shape = {1, 3, 3}, .contrast = -1}, {"contrast is -1"});
  refused(ChirpRecipe{.shape = {1, 3, 3}, .frame_rate = 10}, {"frame_rate is 10"});
  make_stimulus(changed([](auto& r) { r.frozen_frames = 0; }));
  make_stimulus(changed([](auto& r) { r.frozen_seed = 0; }));
}

}  // namespace
}  // namespace plexiform
