// What a program that calls the library finds afterwards: everything of its process as it was.
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cfenv>
#include <csignal>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "cell/model_cell.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/evaluate/score_cell.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/model/torch_threads.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {
namespace {

/// What a call could leave behind.
struct Process {
  int torch_threads = at::get_num_threads();
  int rounding = std::fegetround();
  std::filesystem::path folder = std::filesystem::current_path();
  std::vector<std::string> environment;
  std::vector<void (*)(int)> handlers;

  Process() {
    for (char** one = ::environ; *one != nullptr; ++one) environment.emplace_back(*one);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGSEGV}) {
      struct sigaction now;
      ::sigaction(signal, nullptr, &now);
      handlers.push_back(now.sa_handler);
    }
  }
  bool operator==(const Process&) const = default;
};

Settings quick_settings() {
  Settings settings;
  settings.train.passes = 2;
  settings.train.starts = 1;
  return settings;
}

/// A program that has chosen torch's number of threads for itself.
class CallersProcess : public ::testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(3); }
  void TearDown() override { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
};

TEST_F(CallersProcess, IsAsItWasAfterCallsThatOverlap) {
  // OpenMP has a number for each thread, and the call of the other thread ends later.
  std::promise<void> begun, ended;
  std::thread other([&] {
    const OneTorchThread guard;
    begun.set_value();
    ended.get_future().wait();
  });
  begun.get_future().wait();
  { const OneTorchThread guard; }
  EXPECT_EQ(at::get_num_threads(), 3);
  ended.set_value();
  other.join();
}

TEST_F(CallersProcess, IsAsItWasAfterFitScoreAndReveal) {
  const Recording recording = testing::model_cell(3000);
  const Split split = make_split(recording, {});
  const Process before;
  ASSERT_EQ(before.torch_threads, 3);
  const CellFit fit = fit_cell(recording, 0, split, quick_settings(), 1);
  EXPECT_EQ(Process(), before) << "fit_cell";
  const CellScore score = score_cell(fit, recording, frames_of(recording, 0, split.test()), 1, {});
  EXPECT_EQ(Process(), before) << "score_cell";
  EXPECT_GT(score.n_spikes, 0);
  RevealFitSettings settings;
  settings.reveal.quick = true;
  reveal_fit(fit, recording, split, settings, 1);
  EXPECT_EQ(Process(), before) << "reveal_fit";
}

TEST_F(CallersProcess, IsAsItWasAfterAnError) {
  Recording recording = testing::model_cell(3000);
  std::ranges::fill(recording.counts.values, 0);
  const Split split = make_split(recording, {});
  const Process before;
  EXPECT_THROW(fit_cell(recording, 0, split, quick_settings(), 1), Error);
  EXPECT_EQ(Process(), before);
}

TEST_F(CallersProcess, DoesNotReachIntoResults) {
  const Recording recording = testing::model_cell(3000);
  const Split split = make_split(recording, {});
  const CellFit with_three = fit_cell(recording, 0, split, quick_settings(), 1);
  at::set_num_threads(1);
  const CellFit with_one = fit_cell(recording, 0, split, quick_settings(), 1, {.threads = 1});
  EXPECT_EQ(with_three.validation_loss, with_one.validation_loss);
  EXPECT_EQ(with_three.ln_validation_loss, with_one.ln_validation_loss);
}

}  // namespace
}  // namespace plexiform
