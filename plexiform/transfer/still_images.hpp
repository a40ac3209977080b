#pragma once
#include <cstdint>

#include "plexiform/fit/cell_model.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

// Models of movies see a flashed image as a step: grey, then the image for so many frames that what its filters have
// taken up of it is largest. Their answer is that of their spatial part, times the temporal filter's response to the
// step at its peak. What this leaves out: the course of the answer within the window, its end, and adaptation. An LN
// model is read at the same frame as the network beside it.

/// So many frames (from 1 to the lags) an image has been on when the filters have taken up most of it: the number m
/// with the largest norm of sum_{lag < m} filter[filter, lag, pixel].
std::int64_t peak_of_step(const Network& network);
std::int64_t peak_of_step(const CellModel& model);

/// Flashed images as a movie in which each comes after grey (contrast 0) and has been on for `shown` of the `lags`
/// frames that a model looks back, when its count is taken. Bins are image by image, so that blocks of bins are blocks
/// of images.
Recording steps_of(const Recording& flashed, std::int64_t lags, std::int64_t shown);

}  // namespace plexiform
