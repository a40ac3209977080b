#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/jobs/study.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// What one value and one seed of a study need.
struct PlannedPiece {
  double value = 0;
  std::uint64_t seed = 0;
  std::string name;                 ///< of its files: "0.5_101"
  std::filesystem::path recording;  ///< that is fitted
  std::vector<std::int64_t> cells;  ///< of it
  std::optional<std::int64_t> test_frames;
  Settings settings;
};

/// All pieces in the order of values, then seeds. Nothing is written. Throws Error{usage} if a value makes no sense.
std::vector<PlannedPiece> plan_study(const StudyRequest& request);

/// Makes the recordings of the plan that are not there: model cells, and recordings cut to a share of their frames.
/// Throws Interrupted on a stop request.
void make_recordings(const StudyRequest& request, const std::vector<PlannedPiece>& plan, const Context& context);

/// "0.25": a value as text, the shortest that is read back the same.
std::string value_text(double value);

}  // namespace plexiform
