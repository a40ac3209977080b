#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/thresholds.hpp"

namespace plexiform {

/// Which of the displayed frames that have counts are the test block: a number of them at the end, or one of several
/// equal parts, so that a model can be tested on every frame in turn (cross-validation).
struct TestBlock {
  std::optional<std::int64_t> frames;  ///< at the end; none: the last sixth; 0: no test block
  std::int64_t part = 0, parts = 0;    ///< where not 0, in place of `frames`: the part-th (from 1) of so many
};

struct SplitSettings {
  std::int64_t lags = 20;
  TestBlock test;
  double block_seconds = thresholds::recording::kBlockSeconds;  ///< length of the blocks that train and validate ...
  std::int64_t block_frames_min = thresholds::recording::kLeastBlockFrames;  ///< ... and never shorter than this
  std::int64_t validation_every = thresholds::recording::kValidationEvery;   ///< one block in so many validates
};

/// Blocks of time. Ranges of bins, in order, each inside one segment, none touching another part's stimulus history:
/// a bin is left out when its history reaches into frames that belong to another part. Frames shown several times
/// (repeats) belong to one part in all trials. Only make_split builds one.
class Split {
 public:
  const std::vector<Range>& train() const { return train_; }
  const std::vector<Range>& validation() const { return validation_; }
  const std::vector<Range>& test() const { return test_; }
  /// Frames of history that its parts do not share.
  std::int64_t lags() const { return settings_.lags; }
  /// What it was made by: for one that looks further back.
  const SplitSettings& settings() const { return settings_; }

 private:
  friend Split make_split(const Recording&, const SplitSettings&);
  std::vector<Range> train_, validation_, test_;
  SplitSettings settings_;
};

/// The design's default split: the last sixth of the displayed frames that have counts is the test block; of the rest,
/// in order, blocks of 10 s (at least 300 frames), every tenth for validation, spread over the recording; between parts
/// gaps of one frame less than the lags (neighbouring training blocks need none); bins without known history count
/// nowhere. Throws Error{data} where nothing is left to train or to validate on (more lags than frames, test block too
/// long), or images were flashed.
Split make_split(const Recording& recording, const SplitSettings& settings);

/// Throws Error{usage} if a model looks back further than the split was made for: its history would reach from one part
/// into another.
void require_lags(const Split& split, std::int64_t lags);

std::int64_t total(const std::vector<Range>& ranges);

}  // namespace plexiform
