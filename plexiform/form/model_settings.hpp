#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/form/nonlinearity.hpp"

namespace plexiform {

inline constexpr std::int64_t kMostFilters = 256;

enum class Padding { zero, valid };          ///< contrast 0 around the window, or only whole filters
enum class MapKind { nonnegative, free };    ///< output weights over positions
enum class StartFrom { average, random };    ///< filters begin at the spike-triggered average, or at random
enum class OutputKind { softplus, fitted };  ///< a log(1 + exp(b (x + c))), or a monotone curve with knots

/// What a network looks like. The default is one small space-time filter shared over all positions of the window, with
/// a non-negative map of output weights: the form that finds subunits from few spikes.
struct ModelSettings {
  std::int64_t lags = 20;        ///< frames of history, the frame itself included
  std::int64_t window = 16;      ///< pixels, side of the window around the cell
  std::int64_t filters = 1;      ///< filters that share the map's positions
  std::int64_t filter_size = 5;  ///< pixels, side of a filter
  bool separable = true;         ///< filter = spatial x temporal; false: any space-time filter
  bool full_window = false;      ///< a filter as large as the window (one position); filter_size is ignored
  Padding padding = Padding::zero;
  SubunitNonlinearity subunits = SubunitNonlinearity::relu;
  double noise = 0;  ///< standard deviation of noise added to subunits while training
  MapKind map = MapKind::nonnegative;
  bool suppression = false;  ///< a second map, of subunits that see the opposite sign, is subtracted
  OutputKind output = OutputKind::softplus;
  double contrast_scale = 1;  ///< what a contrast of 1 is worth at the input

  bool operator==(const ModelSettings&) const = default;
};

/// How a network is fitted. Penalties are added to the mean negative log-likelihood per frame.
struct TrainSettings {
  /// `subunits = auto`: starts take turns between relu and half_squared subunits (squared and half_squared where the
  /// spike-triggered average is empty), and the validation blocks decide.
  bool try_subunits = true;
  /// Other forms are fitted beside the one that the model settings name: a filter larger by two pixels, twice as many
  /// filters, and filters that are not separable in space and time; the validation blocks decide, in favour of the
  /// form given where it is not clear.
  bool try_forms = false;
  StartFrom start_from = StartFrom::average;
  std::int64_t starts = 2;     ///< fits from different starts; the best on the validation blocks is kept
  std::int64_t batch = 1000;   ///< frames a step
  std::int64_t passes = 60;    ///< at most so many passes over the training blocks ...
  std::int64_t steps = 2000;   ///< ... and about so many steps, but never fewer than ten of the passes
  std::int64_t patience = 12;  ///< passes without a better validation likelihood before a start ends
  double learning_rate = 1e-2;
  double final_rate = 0.01;  ///< share of the rate that is left after all passes (cosine)
  double averaging = 0.99;   ///< decay a step of the running average of the weights that is kept; 0: none
  bool unit_filters = true;  ///< filters are scaled to unit norm after each step, the scale moves to the map
  double l1_filter = 0, l2_filter = 0;
  double smooth_filter = 0;    ///< squared Laplacian of the spatial filter
  double smooth_temporal = 0;  ///< squared second difference of the temporal filter
  double l1_map = 3e-4, l2_map = 0;
  double l1_activity = 0;     ///< mean absolute activity of the subunits
  double block_seconds = 10;  ///< blocks that train and validate

  bool operator==(const TrainSettings&) const = default;
};

struct Settings {
  std::string preset = "default";
  ModelSettings model;
  TrainSettings train;

  bool operator==(const Settings&) const = default;
};

/// Names of the presets: default, ln, yan2020.
std::vector<std::string> setting_presets();
/// Throws Error{usage} with the nearest known name.
Settings preset_settings(const std::string& name);

/// Throws Error{usage} if a number is out of its range (setting_ranges.hpp) or not finite, or values contradict each
/// other (a filter larger than the window, ...).
void check_settings(const Settings& settings);

}  // namespace plexiform
