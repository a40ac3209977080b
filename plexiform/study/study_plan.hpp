#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/recording/recording.hpp"
#include "plexiform/study/study.hpp"

namespace plexiform {

/// What one value and one seed of a study need.
struct PlannedPiece {
  double value = 0;
  std::uint64_t seed = 0;
  std::string name;                 ///< of its files: "0.5_101"
  std::filesystem::path recording;  ///< that is fitted
  std::optional<std::int64_t> test_frames;
  Settings settings;
};

/// All pieces in the order of values, then seeds. Nothing is written. Throws Error{usage} where a value makes no sense.
std::vector<PlannedPiece> plan_study(const StudyRequest& request);

/// Makes the recordings of the plan that are not there: model cells, and recordings cut to a share of their frames.
void make_recordings(const StudyRequest& request, const std::vector<PlannedPiece>& plan);

/// The recording with the first `share` of the displayed frames before its test block, and the test block: the last
/// `test_frames` displayed frames that have counts (between them no gap is needed, so a split scores up to lags - 1
/// frames more than in the whole). Throws Error{data} where nothing would be left to train on.
Recording cut_recording(const Recording& recording, double share, std::int64_t test_frames);

/// "0.25": a value as text, the shortest that is read back the same.
std::string value_text(double value);

}  // namespace plexiform
