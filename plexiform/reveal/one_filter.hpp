#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"
#include "plexiform/reveal/place_rows.hpp"

namespace plexiform::reveal {

/// Frames of a movie that a test looks at: some of its blocks, and of these the frames whose counts are used.
struct FramesSeen {
  std::vector<std::size_t> blocks;
  std::vector<std::uint32_t> frames;  ///< [frame]: where it stands among the padded ones, in the order of time
  double spikes = 0;
};

/// A smooth curve over a drive, of any shape: means of a quantity over frames of about the same drive, smoothed over a
/// thirtieth of the frames.
struct Curve {
  std::vector<double> at;     ///< [knot], mean drive, ascending
  std::vector<double> value;  ///< [knot]
  std::vector<double> slope;  ///< [knot], per unit of drive
};
/// `order`: frames by their drive; `values` [frame].
Curve smooth_curve(std::span<const float> drive, std::span<const std::uint32_t> order, std::span<const float> values);
/// Value and slope at a drive; beyond the ends those of the end.
struct CurvePoint {
  double value = 0, slope = 0;
};
CurvePoint point_of(const Curve& curve, double drive);
/// Frames by a drive, those of the same one in the order of time.
std::vector<std::uint32_t> by_drive(std::span<const float> drive);

/// Places of the Gaussians that a filter is made of.
PlaceGrid filter_places(const Movie& movie);

/// What a filter's weights are a sum of, for each temporal function: Gaussians on a grid over the window, and single
/// pixels where it is strong, since a grid does not hold filters that are smaller than its spacing.
class FilterSpace {
 public:
  FilterSpace(const Movie& movie, const Basis& basis, std::vector<std::uint32_t> pixels);

  std::size_t elements() const { return places_.count() + pixels_.size(); }
  std::size_t count() const { return elements() * taps_.size(); }
  /// [function, element][frame] of a block whose movie is `rows`.
  void fill(const Movie& movie, const float* rows, std::size_t frames, BlockSpace& space, float* to) const;
  /// [element, pixel].
  const std::vector<double>& weights() const { return weights_; }
  /// [function][channel, lag], newest last.
  const std::vector<std::vector<float>>& taps() const { return taps_; }

 private:
  PlaceRows places_;
  std::vector<std::uint32_t> pixels_;
  std::vector<double> weights_;
  std::vector<std::vector<float>> taps_;
  std::size_t channels_ = 1, lags_ = 1;
};

/// What a cell of one linear filter and any output would be: rate = F(drive), F of any shape, U-shaped too.
struct OneFilter {
  std::vector<double> weights;        ///< [function, pixel]: drive = sum_k function_k * (weights_k . stimulus)
  std::vector<std::uint32_t> pixels;  ///< where weights may be free one by one
  std::vector<float> drive;           ///< [frame] of FramesSeen, mean 0, standard deviation 1
  double log_likelihood = 0;          ///< nats, without log n!
  bool from_covariance = false;       ///< the start that led there: spike-weighted covariance, or average
};

/// The filter of most likelihood, weights a sum of Gaussians on a grid for each temporal function: Fisher scoring with
/// F free and smooth. From two starts, for the likelihood has a maximum for each: the whitened spike-triggered average,
/// and the axis along which the variance of the spikes' stimuli differs most from that of all (de Ruyter van Steveninck
/// and Bialek 1988). The same bits on any number of threads. Throws Interrupted on a stop request.
OneFilter fit_one_filter(const Movie& movie, const Basis& basis, const FramesSeen& seen, const Context& context);

}  // namespace plexiform::reveal
