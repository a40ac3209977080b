#pragma once
#include <span>
#include <vector>

#include "plexiform/result/study.hpp"

namespace plexiform {

/// Throws InternalError without a value.
Estimate estimate(std::span<const double> of_seeds);

/// A row for each value, in their order; cells are averaged within a seed first.
std::vector<StudyRow> study_rows(std::span<const StudyPiece> pieces, std::span<const double> values);

}  // namespace plexiform
