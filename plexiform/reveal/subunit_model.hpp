#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/reveal/covariates.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"

namespace plexiform {

/// A cell's subunits as a model that predicts: from the stimulus alone, so that neither drift nor past counts are in
/// it.
struct SubunitModel {
  reveal::Model model;  ///< on the stimulus' own contrast; one gain where there is a divisive one, else none
  std::optional<reveal::Covariate> divisive;
  Window window;  ///< on the stimulus' grid
};

/// What a model makes of frames, before its output.
struct SubunitDrive {
  std::vector<double> drive;     ///< [frame], spikes per frame
  std::vector<double> log_gain;  ///< [frame], of the divisive gain; empty without one
};

/// On chunks of a stimulus through `window`, which is as large as the model's own, [bin] one chunk after the other. A
/// divisive gain begins as many frames before a chunk as it looks back, where the stimulus has them. Throws Interrupted
/// on a stop request. The same bits on any number of threads, and however frames that follow each other are cut.
SubunitDrive subunit_drive(const SubunitModel& model, const Stimulus& stimulus, const Window& window,
                           std::span<const Chunk> chunks, const Context& context = {});

/// What is changed of an output: rate = scale * output(drive + offset).
struct OutputShift {
  double scale = 1, offset = 0;
};
/// Rate, spikes per frame, and its logarithm (which exists where the rate underflows), [frame].
struct SubunitRate {
  std::vector<double> value, log;
};
SubunitRate subunit_rate(const SubunitModel& model, const SubunitDrive& drive, const OutputShift& shift = {});
/// The model whose output is changed so; of one with a divisive gain about, where there is an offset, since that moves
/// what the gain is made of.
SubunitModel with_shift(SubunitModel model, const OutputShift& shift);

/// All its numbers fitted again to the training blocks of a cell; unless the validation blocks are predicted better, by
/// a standard error of the paired difference over them, the model stays. Throws as read_movie() and fit_model().
SubunitModel refitted(const SubunitModel& model, const Recording& recording, std::int64_t cell, const Split& split,
                      const Context& context = {});

/// The model on a movie's contrast, and its covariates there.
struct OnMovie {
  reveal::Model model;
  reveal::Covariates covariates;
};
OnMovie on_movie(const SubunitModel& model, const reveal::Movie& movie, const Context& context = {});

/// Rates, [bin], spikes per frame.
std::vector<double> predicted_rates(const SubunitModel& model, const Stimulus& stimulus, std::span<const Chunk> chunks,
                                    const Context& context = {});

/// So many frames (from 1 to the lags) something has been on when the subunits have taken up most of it: the number m
/// with the largest norm of sum_{lag < m} filter[subunit, lag, pixel].
std::int64_t peak_of_step(const SubunitModel& model);

}  // namespace plexiform
