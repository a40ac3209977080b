#pragma once
#include <cstdint>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// Answers to flashed images: which bin is of which trial and image.
class Answers {
 public:
  /// Throws Error{data} if the recording is of a movie, or images were shown in different numbers of trials.
  explicit Answers(const Recording& recording);

  std::int64_t images() const { return images_; }
  std::int64_t trials() const { return trials_; }
  /// Spikes, [trial, image].
  NdArray<double> of_cell(const Recording& recording, std::int64_t cell) const;

 private:
  std::int64_t images_ = 0, trials_ = 0;
  std::vector<std::int64_t> bins_;  ///< [trial * image]
};

/// Mean over trials, [image].
std::vector<double> mean_of_trials(const NdArray<double>& trials);

}  // namespace plexiform
