#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plexiform/compute/buffer.hpp"
#include "plexiform/compute/rows.hpp"
#include "plexiform/reveal/covariates.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"

namespace plexiform::reveal {

/// What a thread needs while it works on a block.
struct BlockSpace {
  Buffer movie, projected, seen, values, slopes, frames, scratch, rows;
  std::vector<const float*> from;  ///< rows that are summed
};

/// What a model says of a block's frames. Views into a BlockSpace; `frames` padded ones, of which those that are not
/// used have root and surprise 0.
struct BlockFrames {
  std::size_t frames = 0;
  const float* movie = nullptr;  ///< rows of the movie with history
  const float* rate = nullptr;   ///< spikes per frame
  const float* log_rate = nullptr;
  const float* drive = nullptr;
  const float* slope = nullptr;     ///< d log rate / d drive
  const float* log_bend = nullptr;  ///< d log rate / d expansion
  const float* surprise = nullptr;  ///< count - rate
  const float* root = nullptr;      ///< sqrt(rate)
  Rows seen;                        ///< [part]: z
  Rows value, bend;                 ///< [part]: f(z) and its derivative
  /// With derivatives: root * d log rate / d parameter, and as the last row surprise / root: their products are
  /// information and gradient.
  Rows slopes;
  double log_likelihood = 0;  ///< nats, without log n!
};

/// Filters of a model, ready for the blocks of a movie.
class BlockRows {
 public:
  /// `covariates` may hold more than the model has gains for.
  BlockRows(const Model& model, const Movie& movie, const Covariates& covariates, bool derivatives);

  BlockFrames at(std::size_t block, BlockSpace& space) const;
  std::size_t parameters() const { return layout_.count; }
  /// Fills space.projected with the movie through a part's shape (and its derivatives), before any filter in time:
  /// [row, channel, frame with history], movie.stride() apart.
  void project(std::size_t part, const BlockFrames& frames, BlockSpace& space) const;

 private:
  struct Filters {
    std::vector<std::uint32_t> pixels;  ///< the shape's support
    std::vector<float> weights;         ///< [row, pixel]
    std::size_t rows = 1;
    std::vector<float> mixed;      ///< [channel, lag], newest last
    std::vector<float> functions;  ///< [function, channel, lag], newest last
  };
  /// What a part sees and answers, added to the drive.
  void add_part(std::size_t part, const BlockFrames& frames, float* drive, BlockSpace& space) const;
  /// Slopes of the drive to a part's parameters, right after add_part.
  void slope_part(std::size_t part, const BlockFrames& frames, float* slopes, BlockSpace& space) const;
  void add_gains(std::size_t block, std::size_t frames, float* log_gain) const;
  /// Makes slopes of the drive those of the log rate, times the root of the rate, and adds all others.
  void finish_slopes(std::size_t block, BlockFrames& frames, float* slopes, BlockSpace& space) const;

  const Model& model_;
  const Movie& movie_;
  const Covariates& covariates_;
  bool derivatives_;
  ModelLayout layout_;
  std::vector<Filters> filters_;
};

/// Pixels where weights are not as good as 0.
std::vector<std::uint32_t> support_of(std::span<const double> weights);

/// Weights on the pixels where they count.
struct PixelWeights {
  std::vector<std::uint32_t> pixels;
  std::vector<float> weights;
};
PixelWeights pixel_weights(std::span<const double> weights);
PixelWeights pixel_weights(const Gaussian& g, const Grid& grid);

/// The movie's rows of a block through such weights, in each channel: to [channel, frame with history], movie.stride()
/// apart. `from` is room for pointers.
void see_through(const PixelWeights& weights, const Movie& movie, const float* rows, float* to,
                 std::vector<const float*>& from);

/// Filter taps as filter_row reads them.
std::vector<float> newest_last(std::span<const double> filter, std::size_t channels, std::size_t lags);

/// to[t] = sum over channels and lags of taps [channel, lag] (newest last) and rows [channel][frame with history],
/// `channel_stride` floats apart.
void filter_channels(std::span<const float> taps, std::size_t channels, std::size_t lags, const float* rows,
                     std::size_t channel_stride, std::size_t frames, float* to);

}  // namespace plexiform::reveal
