#include "plexiform/stimulus/replay_cache.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

class ReplayCache : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("plexiform_replay_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Ran1Recipe recipe(PixelOrder order) {
    Ran1Recipe r;
    r.seed = -1000;
    r.height = 9;
    r.width = 15;  // 135 values: the last word of a frame is not full
    r.order = order;
    r.contrast = 0.5;
    r.running_frames = 70;
    r.frozen_frames = 30;
    r.frozen_seed = -7;
    return r;
  }
  std::shared_ptr<const Stimulus> make(const Ran1Recipe& r, std::int64_t frames) const {
    return make_replay(r, frames, folder_);
  }
  fs::path only_file() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder_)) files.push_back(entry.path());
    EXPECT_EQ(files.size(), 1U);
    return files.at(0);
  }
  static std::vector<float> read(const Stimulus& stimulus, std::int64_t begin, std::int64_t end, const Window& w) {
    std::vector<float> values(static_cast<std::size_t>((end - begin) * w.pixels()));
    stimulus.read(begin, end, w, values);
    return values;
  }
  static void expect_same(const Stimulus& a, const Stimulus& b) {
    for (const Window& w : {Window{0, 0, 9, 15}, Window{2, 3, 4, 5}, Window{8, 14, 1, 1}})
      for (const auto& [begin, end] : {std::pair{0, 350}, {63, 65}, {64, 128}, {69, 101}, {250, 420}, {330, 331}})
        EXPECT_EQ(read(a, begin, end, w), read(b, begin, end, w)) << begin << " to " << end;
  }
  fs::path folder_;
};

TEST_F(ReplayCache, IsTheReplay) {
  for (const auto order : {PixelOrder::xy, PixelOrder::yx}) {
    const auto replay = make_stimulus(StimulusRecipe(recipe(order)));
    expect_same(*make(recipe(order), 330), *replay);  // reads go beyond what is kept
    expect_same(*open_replay(recipe(order), 330, folder_), *replay);
  }
}

TEST_F(ReplayCache, IsReadFromSeveralThreads) {
  const auto cached = make(recipe(PixelOrder::xy), 330);
  const Window w{0, 0, 9, 15};
  const auto expected = read(*cached, 0, 330, w);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_EQ(read(*cached, 0, 330, w), expected); });
}

TEST_F(ReplayCache, AnotherRecipeOrLengthIsAnotherFile) {
  make(recipe(PixelOrder::xy), 330);
  EXPECT_EQ(open_replay(recipe(PixelOrder::yx), 330, folder_), nullptr);
  EXPECT_EQ(open_replay(recipe(PixelOrder::xy), 331, folder_), nullptr);
  auto other = recipe(PixelOrder::xy);
  other.seed = -1001;
  EXPECT_EQ(open_replay(other, 330, folder_), nullptr);
}

TEST_F(ReplayCache, ADamagedBlockIsNotBelieved) {
  const auto r = recipe(PixelOrder::xy);
  make(r, 330);
  std::fstream file(only_file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2000);
  file.put('\x5a');
  file.put('\x5a');
  file.close();
  const auto cached = open_replay(r, 330, folder_);
  ASSERT_NE(cached, nullptr);
  expect_same(*cached, *make_stimulus(StimulusRecipe(r)));
  EXPECT_EQ(open_replay(r, 330, folder_), nullptr) << "it is made again the next time";
}

TEST_F(ReplayCache, ATruncatedFileOrOneOfAnotherKindIsMadeAgain) {
  const auto r = recipe(PixelOrder::xy);
  make(r, 330);
  const auto path = only_file();
  const auto size = fs::file_size(path);
  fs::resize_file(path, size - 9);
  EXPECT_EQ(open_replay(r, 330, folder_), nullptr);
  expect_same(*make(r, 330), *make_stimulus(StimulusRecipe(r)));
  EXPECT_EQ(fs::file_size(path), size);
  std::ofstream(path, std::ios::binary) << std::string(size, 'x');
  EXPECT_EQ(open_replay(r, 330, folder_), nullptr);
}

TEST_F(ReplayCache, NothingIsLeftWhereItWasInterruptedOrHasNoRoom) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(make_replay(recipe(PixelOrder::xy), 330, folder_, {.stop = stop.get_token()}), Interrupted);
  EXPECT_TRUE(fs::is_empty(folder_));
  fs::remove_all(folder_);
  std::ofstream(folder_) << "a file where the folder should be";
  EXPECT_THROW(make(recipe(PixelOrder::xy), 330), Error);
}

TEST_F(ReplayCache, IsKeptOnlyWhereItPaysAndIsKnown) {
  auto r = recipe(PixelOrder::xy);
  EXPECT_FALSE(keeps_replay(r, 1000));
  EXPECT_TRUE(keeps_replay(r, 1'000'000));
  r.frozen_seed = 0;
  EXPECT_FALSE(keeps_replay(r, 1'000'000));
  r.frozen_seed = -7;
  r.values = NoiseValues::gaussian;
  EXPECT_FALSE(keeps_replay(r, 1'000'000));
  EXPECT_FALSE(keeps_replay(WhiteNoiseRecipe{}, 1'000'000));
}

TEST_F(ReplayCache, ItsFolderCanBeChosenOrDoneWithout) {
  const auto with = [](const char* value) {
    ::setenv("PLEXIFORM_CACHE", value, 1);
    return replay_cache_folder();
  };
  const char* before = std::getenv("PLEXIFORM_CACHE");
  const std::string kept = before == nullptr ? "" : before;
  EXPECT_EQ(with("/some/where"), fs::path("/some/where"));
  EXPECT_EQ(with("off"), std::nullopt);
  ::setenv("PLEXIFORM_CACHE", kept.c_str(), 1);
}

}  // namespace
}  // namespace plexiform
