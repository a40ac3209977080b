#include "plexiform/jobs/model_file.hpp"

#include <gtest/gtest.h>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "model/random_networks.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/jobs/archive.hpp"
#include "plexiform/jobs/subunit_model_fields_impl.hpp"

namespace plexiform {
namespace {

void expect_same(const Network& a, const Network& b) {
  const auto one = parameters(a), other = parameters(b);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(one[i].second->equal(*other[i].second)) << one[i].first;
}

TEST(Archive, NetworksComeBackToTheBit) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "archive.pt";
  for (const auto& s : variants()) {
    const Network n = random_network(s, at::kFloat);
    Archive archive;
    put_network(archive, "best", n);
    archive.texts["note"] = "line one\nline two";
    save_archive(path, archive);
    const Archive loaded = load_archive(path);
    EXPECT_EQ(loaded.texts.at("note"), "line one\nline two");
    expect_same(n, get_network(loaded, "best"));
  }
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THROW(load_archive(path), Error);
  std::filesystem::remove(path);
  EXPECT_THROW(load_archive(path), Error);
}

CellFit some_fit() {
  CellFit fit;
  fit.cell = 4;
  fit.window = {{1, 2, 5, 5}, {3.25, 4.5}, WindowSource::variance, 7.5};
  network_of(fit) = random_network(small_settings(), at::kFloat);
  fit.ln = random_network(small_settings(), at::kFloat);
  fit.validation_loss = 1.0 / 3;
  fit.ln_validation_loss = 2.0 / 3;
  fit.ln_strength = 0.01;
  fit.ended = false;
  fit.tried = {{"relu", 0.1, true}, {"squared", 1.0 / 7, false}};
  return fit;
}

TEST(ModelFile, AFitComesBackAsItWas) {
  const testing::TemporaryFolder folder;
  const CellFit fit = some_fit();
  write_model(folder / "model.pt", fit);
  const CellFit back = read_model(folder / "model.pt", 4);
  EXPECT_EQ(back.cell, 4);
  EXPECT_EQ(back.window.window.x, 2);
  EXPECT_EQ(back.window.centre.y, 4.5);
  EXPECT_EQ(back.window.source, WindowSource::variance);
  EXPECT_EQ(back.window.z, 7.5);
  EXPECT_EQ(back.validation_loss, fit.validation_loss);
  EXPECT_EQ(back.ln_validation_loss, fit.ln_validation_loss);
  EXPECT_EQ(back.ln_strength, fit.ln_strength);
  EXPECT_FALSE(back.ended);
  ASSERT_EQ(back.tried.size(), 2U);
  EXPECT_EQ(back.tried[1].form, "squared");
  EXPECT_EQ(back.tried[1].validation_loss, fit.tried[1].validation_loss);
  expect_same(network_of(back), network_of(fit));
  expect_same(back.ln, fit.ln);
}

SubunitModel some_subunits() {
  SubunitModel out;
  auto& m = out.model;
  m.basis = {1, 3, {{0.6, 0.8, 0}, {0, 0, 1}}};
  m.parts = {{1, reveal::Response::even, {1.0 / 3, -0.1}, {{1, 2, 0.1, 0.2, 0.3}, {{0.1, 2, 3, 0.4}}}},
             {-1, reveal::Response::rectified, {0.1, 1e-300}, {{2, 1, 0, 0, 0}, {}}}};
  m.log_softness = -2.0 / 7, m.offset = 0.25;
  m.log_power = {1.0 / 9, true}, m.log_expansion = {0.1, false};
  m.surround = reveal::Surround{0.4, 0.9};
  m.gains = {-0.3}, m.unit = 0.1, m.log_size = 0.2;
  out.divisive = reveal::Covariate{reveal::CovariateKind::divisive, 30, -1.0 / 3, 1, 0.01};
  out.window = {1, 2, 5, 6};
  return out;
}

TEST(ModelFile, AListOfSubunitsComesBackToTheBit) {
  const testing::TemporaryFolder folder;
  CellFit fit = some_fit();
  fit.model = some_subunits();
  write_model(folder / "model.pt", fit);
  const CellFit back = read_model(folder / "model.pt", 4);
  ASSERT_TRUE(std::holds_alternative<SubunitModel>(back.model));
  EXPECT_EQ(nlohmann::json(std::get<SubunitModel>(back.model)).dump(), nlohmann::json(some_subunits()).dump());
  EXPECT_EQ(lags_of(back.model), 3);
  EXPECT_EQ(channels_of(back.model), 1);
  EXPECT_EQ(window_of(back).width, 6);
  testing::expect_error(ErrorKind::usage, {"list of subunits, expected a network"}, [&] { network_of(back); });
}

TEST(ModelFile, SubunitsWhoseNumbersDoNotBelongTogetherAreRefused) {
  const testing::TemporaryFolder folder;
  const auto refused = [&](auto change) {
    CellFit fit = some_fit();
    SubunitModel wrong = some_subunits();
    change(wrong);
    fit.model = wrong;
    write_model(folder / "model.pt", fit);
    testing::expect_error(ErrorKind::damaged, {"model.pt", "do not belong together"},
                          [&] { read_model(folder / "model.pt", 4); });
  };
  refused([](SubunitModel& m) { m.model.basis.functions[1].pop_back(); });
  refused([](SubunitModel& m) { m.model.parts[0].mix.push_back(1); });
  refused([](SubunitModel& m) { m.model.gains.clear(); });
  refused([](SubunitModel& m) { m.window.height = 0; });
}

TEST(ModelFile, OfAnotherCellRecordingConfigOrParentIsRefused) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "model.pt";
  write_model(path, some_fit(), {}, {"0a", "0b", "0c"});
  const auto refused = [&](const std::vector<std::string>& words, std::int64_t cell, const ModelOrigin& origin) {
    testing::expect_error(ErrorKind::damaged, words, [&] { read_model(path, cell, {Age::versioned, origin}); });
    testing::expect_error(ErrorKind::damaged, words, [&] { read_training(path, cell, {}, {Age::versioned, origin}); });
  };
  read_model(path, 4, {Age::versioned, {"0a", "0b", "0c"}});
  read_model(path, 4, {Age::versioned, {}});
  refused({"model.pt", "is the model of cell 4, expected that of cell 5"}, 5, {});
  refused({"model.pt", "another recording", "0a", "0d"}, 4, {"0d", {}, {}});
  refused({"model.pt", "fitted by another config.toml", "0b", "0d"}, 4, {{}, "0d", {}});
  refused({"model.pt", "revealed from another model", "0c", "0d"}, 4, {{}, {}, "0d"});
  write_model(path, some_fit());
  refused({"model.pt", "no checksum of the recording"}, 4, {"0a", {}, {}});
  refused({"model.pt", "fitted by another config.toml", "none"}, 4, {{}, "0b", {}});
}

TEST(ModelFile, TheStateOfTrainingComesBackToTheBit) {
  const testing::TemporaryFolder folder;
  Training training;
  training.name = "start0";
  training.state = begin_training(random_network(small_settings(), at::kFloat));
  training.state.pass = 3;
  training.state.steps = 70;
  training.state.best_loss = 1.0 / 3;
  training.state.best_pass = 2;
  training.state.metrics = "{}\n";
  for (auto* moments : {&training.state.first, &training.state.second})
    for (auto& tensor : *moments) tensor = at::randn_like(tensor);
  write_model(folder / "model.pt", some_fit(), {&training, 1});
  Training back;
  back.name = "start0";
  read_training(folder / "model.pt", 4, {&back, 1});
  EXPECT_EQ(back.state.pass, 3);
  EXPECT_EQ(back.state.steps, 70);
  EXPECT_EQ(back.state.best_loss, training.state.best_loss);
  EXPECT_EQ(back.state.best_pass, 2);
  EXPECT_FALSE(back.state.ended);
  EXPECT_EQ(back.state.metrics, "{}\n");
  expect_same(back.state.network, training.state.network);
  ASSERT_EQ(back.state.second.size(), training.state.second.size());
  for (std::size_t i = 0; i < back.state.first.size(); ++i) {
    EXPECT_TRUE(back.state.first[i].equal(training.state.first[i]));
    EXPECT_TRUE(back.state.second[i].equal(training.state.second[i]));
  }
  back.name = "start1";
  EXPECT_THROW(read_training(folder / "model.pt", 4, {&back, 1}), Error);
}

}  // namespace
}  // namespace plexiform
