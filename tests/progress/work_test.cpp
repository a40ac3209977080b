#include "plexiform/progress/work.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>

#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"

namespace plexiform {
namespace {

using testing::TemporaryFolder;

std::vector<Piece> cells(std::size_t n) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < n; ++i) pieces.push_back({static_cast<std::int64_t>(i)});
  return pieces;
}

/// Remembers all that a work tells.
struct Told {
  std::vector<Progress> progress;
  std::vector<PieceNews> news;

  WorkHooks hooks(const std::filesystem::path& log = {}) {
    return {[this](const Progress& p) { progress.push_back(p); }, [this](const PieceNews& n) { news.push_back(n); },
            log};
  }
};

RC_GTEST_PROP(Work, SharesAddUpToTheWholeAndNeverGoBack, ()) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 8);
  auto pieces = cells(n);
  double weight = 0;
  for (auto& piece : pieces) weight += piece.weight = *rc::gen::inRange(1, 50);
  Told told;
  Work work("fit", "cell", pieces, told.hooks());
  std::vector<double> shares(n, 0);
  std::vector<bool> over(n, false);
  for (int step = *rc::gen::inRange(0, 40); step > 0; --step) {
    const auto i = *rc::gen::inRange<std::size_t>(0, n);
    const double share = *rc::gen::inRange(-20, 120) / 100.0;
    const bool ends = *rc::gen::inRange(0, 5) == 0;
    if (ends)
      work.end(i, {});
    else
      work.move(i, share);
    over[i] = over[i] || ends;
    shares[i] = over[i] ? 1 : std::clamp(share, shares[i], 1.0);
    if (told.progress.empty()) continue;  // a piece that is over is not told of again
    double done = 0;
    for (std::size_t k = 0; k < n; ++k) done += shares[k] * pieces[k].weight;
    const Progress& last = told.progress.back();
    RC_ASSERT(std::abs(last.done / last.total - done / weight) < 1e-9);
    RC_ASSERT(last.total == static_cast<double>(n));
  }
  for (std::size_t i = 1; i < told.progress.size(); ++i)
    RC_ASSERT(told.progress[i].done >= told.progress[i - 1].done - 1e-12);
}

TEST(Work, PiecesMoveFromManyThreadsAndOneAtATimeIsTold) {
  std::atomic<int> inside{0};
  bool together = false;
  Told told;
  WorkHooks hooks = told.hooks();
  hooks.progress = [&, keep = hooks.progress](const Progress& p) {
    together = together || inside++ > 0;
    keep(p);
    --inside;
  };
  constexpr std::int64_t kPieces = 60;
  Work work("fit", "cell", cells(kPieces), hooks);
  work.run([&] {
    parallel_each(kPieces, 8, [&](std::int64_t item) {
      const auto i = static_cast<std::size_t>(item);
      work.begin(i);
      for (int step = 1; step <= 20; ++step) work.move(i, step / 20.0);
      work.end(i, {});
    });
  });
  EXPECT_FALSE(together);
  ASSERT_EQ(told.progress.size(), kPieces * 22U + 1);
  for (std::size_t i = 1; i + 1 < told.progress.size(); ++i)
    ASSERT_GE(told.progress[i].done, told.progress[i - 1].done);
  const Progress& last = told.progress[told.progress.size() - 2];
  EXPECT_EQ(last.what, "fit: 60 of 60 cells");
  EXPECT_DOUBLE_EQ(last.done, kPieces);
  EXPECT_TRUE(told.progress.back().what.empty());  // over
}

TEST(Work, KeptPiecesCountFromTheBeginning) {
  Told told;
  Work work("fit", "cell", cells(4), told.hooks());
  work.keep(0);
  work.keep(1, "no spikes");
  work.say("reading the stimulus");
  ASSERT_EQ(told.progress.size(), 1U);
  EXPECT_EQ(told.progress[0].what, "fit: 2 of 4 cells");
  EXPECT_DOUBLE_EQ(told.progress[0].done, 2);
  EXPECT_EQ(told.progress[0].figures, "reading the stimulus");
  ASSERT_EQ(told.news.size(), 1U);  // what failed is told again
  EXPECT_EQ(told.news[0].result.error, "no spikes");
}

TEST(Work, APieceThatIsOverMovesNoMore) {
  Told told;
  Work work("fit", "cell", cells(2), told.hooks());
  work.end(0, {});
  work.move(0, 0.5);
  ASSERT_EQ(told.news.size(), 1U);
  EXPECT_EQ(told.news[0].event, PieceEvent::done);
  EXPECT_DOUBLE_EQ(told.progress.back().done, 1);
}

TEST(Work, ShowsTheMeanOfThePiecesThatHaveFigures) {
  Told told;
  Work work("fit", "cell", cells(3), told.hooks());
  work.say("reading");
  work.move(0, 0.1, 0.25);
  work.move(1, 0.1, 0.75);
  work.move(2, 0.1, std::nan(""));
  EXPECT_EQ(told.progress.back().figures, "validation 0.50 bits per spike");
}

TEST(Work, ALogIsMadeWithTheFirstPiece) {
  const TemporaryFolder folder;
  Work nothing("fit", "cell", cells(1), {{}, {}, folder / "metrics.jsonl"});
  nothing.run([] {});
  EXPECT_EQ(folder.entries(), 0U);
  Work one("fit", "cell", cells(1), {{}, {}, folder / "metrics.jsonl"});
  one.run([&] { one.begin(0); });
  EXPECT_EQ(folder.entries(), 1U);
  EXPECT_EQ(read_metrics(folder / "metrics.jsonl").state, WorkState::ended);
}

TEST(Work, ALogStaysSmallHoweverOftenAPieceMoves) {
  const TemporaryFolder folder;
  Work work("fit", "cell", cells(1), {{}, {}, folder / "metrics.jsonl"});
  work.run([&] {
    work.begin(0);
    for (int i = 1; i <= 1000; ++i) work.move(0, i / 1000.0);
    work.end(0, {});
  });
  const std::string text = read_text(folder / "metrics.jsonl");
  EXPECT_EQ(std::ranges::count(text, '\n'), 4 + 19);
}

TEST(Work, TheLogSaysHowItEnded) {
  const TemporaryFolder folder;
  const auto ended_with = [&](const auto& problem) {
    Work work("fit", "cell", cells(2), {{}, {}, folder / "metrics.jsonl"});
    EXPECT_ANY_THROW(work.run([&] {
      work.begin(1);
      throw problem;
    }));
    return read_metrics(folder / "metrics.jsonl");
  };
  const WorkRecord interrupted = ended_with(Interrupted());
  EXPECT_EQ(interrupted.state, WorkState::interrupted);
  EXPECT_EQ(interrupted.cause, Cause{EndedBy::person});
  EXPECT_EQ(interrupted.error, "");
  ASSERT_EQ(interrupted.pieces.size(), 1U);
  EXPECT_EQ(interrupted.pieces[0].state, PieceState::interrupted);
  const WorkRecord full = ended_with(Error(ErrorKind::file, "no space"));
  EXPECT_EQ(full.cause, (Cause{EndedBy::error, ErrorKind::file}));
  EXPECT_EQ(full.error, "no space");
}

TEST(Work, SecondsAddUpOverInterruptions) {
  const TemporaryFolder folder;
  const auto log = folder / "metrics.jsonl";
  std::ofstream(log) << R"({"event":"started","at":100,"work":"fit","unit":"cell","pieces":2})"
                     << "\n"
                     << R"({"event":"begun","at":101,"cell":0})"
                     << "\n"
                     << R"({"event":"interrupted","at":105,"exit":130})"
                     << "\n";
  EXPECT_DOUBLE_EQ(Work("fit", "cell", cells(2), {{}, {}, log}).seconds(0), 4);
  std::ofstream(log, std::ios::app) << R"({"event":"started","at":200,"work":"fit","unit":"cell","pieces":2})"
                                    << "\n"
                                    << R"({"event":"begun","at":201,"cell":0})"
                                    << "\n"
                                    << R"({"event":"begun","at":202,"cell":1})"
                                    << "\n"
                                    << R"({"event":"moved","at":203,"cell":0,"share":0.5})"
                                    << "\n";  // killed after this
  Work work("fit", "cell", cells(2), {{}, {}, log});
  EXPECT_DOUBLE_EQ(work.seconds(0), 4 + 2);
  EXPECT_DOUBLE_EQ(work.seconds(1), 1);
  work.begin(0);
  EXPECT_GE(work.seconds(0), 6);
}

TEST(Work, FollowsAWorkInsideIt) {
  Told told;
  Work outer("compare", "model", cells(2), told.hooks());
  Work inner("fit", "cell", cells(1), {outer.beside(), [&](const PieceNews& news) { outer.follow(1, news); }, {}});
  inner.run([&] {
    inner.begin(0);
    inner.move(0, 0.5, 0.25);
    EXPECT_DOUBLE_EQ(told.progress.back().done, 0.5);
    EXPECT_EQ(told.progress.back().figures, "fit: 0 of 1 cell, validation 0.25 bits per spike");
    inner.end(0, {2, "", {{kValidationBits, 0.25}}});
  });
  EXPECT_EQ(told.progress.back().what, "compare: 1 of 2 models");
  EXPECT_EQ(told.news.back().event, PieceEvent::done);
  EXPECT_EQ(figure(told.news.back().result, kValidationBits), 0.25);
}

}  // namespace
}  // namespace plexiform
