#include "plexiform/jobs/kept_cell.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/jobs/reveal_fields_impl.hpp"
#include "plexiform/run/subunits_json.hpp"

namespace plexiform {
namespace {

/// Something in each field, numbers without a short decimal among them.
CellSubunits full_subunits() {
  CellSubunits c;
  c.cell = 3;
  c.name = "a \"cell\"";
  c.remark = "told";
  c.seconds = 1.0 / 3;
  Subunit s;
  s.spatial = NdArray<float>({2, 3}, 0.1F);
  s.temporal = {0.3F, -0.7F};
  s.weight = 2.0 / 3;
  s.place = {1.0 / 7, 5};
  s.size = {3, 2, -0.1};
  c.subunits = {s};
  s.channels = {0.6F, 0.8F};
  s.filter = NdArray<float>({2, 2}, 0.5F);
  s.even = true;
  s.latency = 7.1, s.width = 2.3;
  s.certainty = SubunitCertainty{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {0.1, 0.2},        {6, 8}, {2, 3}, 9, 0.9, {30, 4},
                                 1,      0.3,    1.1,    0.99,   {-3, 0.1, 4, -0.5}};
  c.subunits.push_back(s);
  c.suppressive = {s};
  c.window = {1, 2, 16, 17};
  c.lags = 21;
  c.structure = StructureTest{Verdict::structured, 0.01, {0.25, -1e-300}, 50, 0.1, 0.02};
  c.residual = ResidualTest{"suppression at lag 6 near (4, 12)", Place{4, 12}, 5.5, 0.01, 0.02, 0.01};
  c.number = Interval{1, 3};
  c.suppressive_number = Interval{0, 1};
  c.resampled_numbers = {1, 2, 3};
  c.map_number = 4;
  c.minimal_number = 2;
  c.nonlinearity = SubunitNonlinearity::half_squared;
  c.spikes = 1234;
  c.dispersion = 1.25;
  c.power = 1.7, c.expansion = 1.2;
  c.functions = 2;
  c.surround = SharedSurround{0.4, 2.5};
  c.covariates = {{"divisive gain", -0.3, 1}};
  c.validation_bits = {std::numeric_limits<double>::quiet_NaN(), 0.5};
  c.networks = {{"relu", 0.1, true}, {"squared", 0.2, false}};
  c.tried = {{"subunit 0 as two", 2, {10, 3}, true}};
  c.curve = {{2, 0.5, {}}, {1, 0.25, {7, 2}}};
  c.morans_i = {0.5};
  c.linear = NdArray<float>({2, 3}, 0.4F);
  c.truth = {{0, 0.9}, {-1, 0}};
  c.suppressive_truth = {{-1, 0}};
  c.true_places = {{1, 2}};
  c.true_spatial = NdArray<float>({1, 2, 3}, 0.5F);
  c.mean_match = 0.45;
  return c;
}

RevealedFit full_cell() {
  return {full_subunits(), {}};
}

TEST(KeptCell, ComesBackAsItWas) {
  const testing::TemporaryFolder temporary;
  const auto folder = temporary / "cell";
  std::filesystem::create_directory(folder);
  const CellSubunits cell = full_subunits();
  keep_revealed(folder, full_cell(), "key");
  const auto kept = kept_revealed(folder, "key");
  ASSERT_TRUE(kept.has_value());
  EXPECT_FALSE(kept->minimal.has_value());
  const CellSubunits* back = &kept->subunits;
  EXPECT_EQ(to_json({*back}), to_json({cell}));
  EXPECT_EQ(back->seconds, cell.seconds);
  EXPECT_EQ(back->subunits[1].spatial.values, cell.subunits[1].spatial.values);
  EXPECT_EQ(back->subunits[0].spatial.shape, cell.subunits[0].spatial.shape);
  EXPECT_EQ(back->subunits[0].temporal, cell.subunits[0].temporal);
  EXPECT_FALSE(back->subunits[0].certainty.has_value());
  EXPECT_EQ(back->structure->null, cell.structure->null);
  EXPECT_EQ(back->structure->statistic, cell.structure->statistic);
  EXPECT_TRUE(std::isnan(back->validation_bits->network));
  EXPECT_EQ(back->linear.values, cell.linear.values);
  EXPECT_EQ(back->true_spatial.values, cell.true_spatial.values);
}

TEST(KeptCell, EveryMemberComesBack) {
  // Written and read by one list that the compiler holds to all members: the JSON of what comes back is the same.
  const nlohmann::json written = full_subunits();
  EXPECT_EQ(nlohmann::json(written.get<CellSubunits>()).dump(), written.dump());
  for (const auto& [name, value] : written.items())
    EXPECT_TRUE(name == "error" || (!value.is_null() && value != nlohmann::json(CellSubunits{})[name])) << name;
}

/// Calls change(settings) with one number or switch of the settings changed at a time.
template <class T, class Change>
void each_changed(T& whole, auto& part, const Change& change) {
  members_of(part, [&](std::string_view name, auto& member) {
    using Member = std::remove_reference_t<decltype(member)>;
    if constexpr (HasMembers<Member>) {
      each_changed(whole, member, change);
    } else {
      const Member before = member;
      member = static_cast<Member>(static_cast<double>(before) == 0 ? 1 : 0);
      change(whole, name);
      member = before;
    }
  });
}

TEST(RevealKey, ChangesWithEverySettingTheSeedTheModelAndTheRun) {
  const testing::TemporaryFolder temporary;
  const auto folder = temporary / "cell";
  std::filesystem::create_directory(folder);
  write_text_atomically(folder / "model.pt", "a model");
  write_text_atomically(temporary / "config.toml", "a run");
  RevealFitSettings settings;
  const std::string key = reveal_key(folder, settings, 1);
  EXPECT_EQ(reveal_key(folder, settings, 1), key);
  int changes = 0;
  each_changed(settings, settings, [&](const RevealFitSettings& changed, std::string_view name) {
    EXPECT_NE(reveal_key(folder, changed, 1), key) << name;
    ++changes;
  });
  EXPECT_EQ(changes, 3 + 7 + 4 + 20) << "quick, halves and pruning, search, structure, train";
  EXPECT_NE(reveal_key(folder, settings, 2), key);
  write_text_atomically(folder / "model.pt", "another");
  EXPECT_NE(reveal_key(folder, settings, 1), key);
}

TEST(KeptCell, IsNoneForAnotherKeyOrDamagedOrForgotten) {
  const testing::TemporaryFolder temporary;
  const auto folder = temporary / "cell";
  std::filesystem::create_directory(folder);
  EXPECT_FALSE(kept_revealed(folder, "key").has_value());
  keep_revealed(folder, full_cell(), "key");
  EXPECT_FALSE(kept_revealed(folder, "another").has_value());
  const std::string whole = read_text(folder / "revealed" / "cell.msgpack");
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    write_text_atomically(folder / "revealed" / "cell.msgpack", std::string_view(whole).substr(0, length));
    EXPECT_FALSE(kept_revealed(folder, "key").has_value()) << length;
  }
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    write_text_atomically(folder / "revealed" / "cell.msgpack", flipped);
    EXPECT_FALSE(kept_revealed(folder, "key").has_value()) << at;
  }
  keep_revealed(folder, full_cell(), "key");
  forget_revealed(folder);
  EXPECT_FALSE(kept_revealed(folder, "key").has_value());
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace plexiform
