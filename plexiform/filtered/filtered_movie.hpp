#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// A block of time of a FilteredMovie: its frames [begin, end).
struct TimeBlock {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool validation = false;
  std::int64_t length() const { return end - begin; }
};

/// What subunits that share one temporal filter see: the stimulus of a cell's window, filtered along time,
///   values[t, p] = sum_l temporal[l] stimulus[t - l, p],
/// channels averaged, and the counts beside it. Training and validation blocks only, in the order of time: a test block
/// never gets here.
struct FilteredMovie {
  std::int64_t height = 0, width = 0;  ///< of the window, pixels
  at::Tensor values;                   ///< float32 [frame, height * width], contrast units
  at::Tensor counts;                   ///< float32 [frame]
  std::vector<TimeBlock> blocks;       ///< consecutive, cover all frames

  std::int64_t frames() const { return values.size(0); }
  std::int64_t pixels() const { return height * width; }
};

/// `temporal`: [lag]; `longest`: frames of a block (10 s by the design). Throws Error{data} if the history of a
/// block is not in the stimulus, Interrupted on a stop request. The same bits on any number of threads.
FilteredMovie filter_movie(const Recording& recording, std::int64_t cell, const Window& window,
                           std::span<const double> temporal, const Split& split, std::int64_t longest,
                           const Context& context = {});

/// Every so many-th block, spread over the recording, so that about `spikes` remain; the movie itself if it has no
/// more.
FilteredMovie thinned(const FilteredMovie& movie, double spikes);

}  // namespace plexiform
