#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/circuit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/image_file.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// Kinds of stimuli that a model cell can be shown.
enum class Shown { white, images, dead_leaves, drifting_gratings, reversing_gratings, flicker, chirp };
Shown shown_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(Shown shown);

/// What a model cell is shown, beside the noise values of white noise and flicker; recipe.hpp and image_movie.hpp say
/// how each is meant. What is set and means nothing to the kind is refused.
struct ShowRecipe {
  Shown kind = Shown::white;
  double contrast = 1;
  std::optional<std::int64_t>
      frames_each;  ///< frames that an image, a value or a grating stays; default 1 (gratings 60)
  std::optional<Normalisation> normalisation;  ///< of images and dead leaves; default set
  std::vector<std::filesystem::path> images;   ///< files and folders
  std::optional<RawImage> raw;                 ///< form of raw ones
  std::optional<std::int64_t> image_scale;     ///< pixels of the image averaged to one of the stimulus; default 1
  std::optional<double> jitter;                ///< steps of a shown image, its pixels a frame; default 0
};

/// A model cell to simulate: a preset and what differs from it. Unset fields are the preset's. Of threshold and
/// threshold_of_mean, and of gain and target_rate, at most one is set; it takes the place of the preset's.
struct CellRecipe {
  std::string preset = "mosaic5";
  std::uint64_t seed = 0;                      ///< of the layout, the stimulus and the spikes (each its own stream)
  std::optional<std::uint64_t> stimulus_seed;  ///< another stimulus and other spikes for the same cell
  std::optional<std::int64_t> frames;          ///< more than the lags (20)
  double frame_rate = 30;                      ///< frames per second; the temporal filter stays the same in frames
  NoiseValues noise = NoiseValues::binary;
  ShowRecipe show;
  std::int64_t cells = 1;  ///< with seeds from `seed` on, all shown the stimulus of the first
  std::optional<SubunitNonlinearity> subunits;
  std::optional<OutputNonlinearity> output;
  std::optional<SpikeRule> spikes;
  std::optional<double> amplitude;          ///< what a contrast of 1 is worth to the filters; see presets()
  std::optional<double> threshold;          ///< of the drive
  std::optional<double> threshold_of_mean;  ///< or: in units of the drive's own mean
  std::optional<double> gain;               ///< spikes per second per unit of drive above threshold
  std::optional<double> target_rate;        ///< or: mean spikes per frame; sets the gain
  std::optional<double> output_scale;       ///< of saturating and exponential outputs; standard deviations of the drive
  std::optional<double> fano;               ///< variance over mean of negative binomial counts, above 1, at most 100
  double sizes_vary = 0;                    ///< of the subunits of a mosaic, see layouts.hpp; 0: as the preset says
  double temporal_vary = 0;                 ///< each subunit slower by a factor of its own, 1 / (1 + v) to 1 + v
  std::optional<double> surround;           ///< weight of a suppressive surround, see presets()
};

struct PresetInfo {
  std::string name;
  std::string description;
};

/// yan2020, mosaic5, mosaic9, linear and five more cells without subunits. All have binary noise at 30 Hz, 20 lags and
/// the temporal filter of Yan et al. 2020, an OFF cell's.
/// - yan2020: the cell of that paper. Its filters sum their 2 x 2 pixels with weight 1 and see contrasts of +-amplitude
///   = +-0.5. A Circuit's spatial filters have unit norm, half of that, so the circuit carries twice the amplitude and
///   gives the same drive with any subunit nonlinearity.
/// - mosaic5, mosaic9: Gaussian subunits of a seeded layout. Threshold: half the drive's own mean; 0.1 spikes a frame.
/// - linear: one Gaussian filter. Its subunit is rectified as in the mosaics, which changes nothing: under a threshold
/// of
///   0 or more, max(max(x, 0) - threshold, 0) is max(x - threshold, 0), so the cell is an LN model.
/// - linear_inseparable, linear_saturating, linear_exponential, linear_overdispersed, linear_underdispersed: LN
///   models too, of linear subunits, with a seeded place, size and orientation, 0.1 spikes a frame. In turn: a filter
///   that is not a product of space and time (a centre, less a later surround of 0.7); a rate that saturates (half its
///   most at one standard deviation of the drive above threshold); one that grows exponentially with the drive; counts
///   with twice the variance of Poisson's (negative binomial); counts with less (at most one spike a frame, a threshold
///   of one standard deviation).
/// A surround of s is one more subunit, a wide Gaussian (5 pixels of 16) in the centre whose response comes one frame
/// later and is subtracted, with s times the summed weights of the others: the pooled suppression of a ganglion cell by
/// amacrine cells. It passes the same nonlinearity as the other subunits and has a negative weight in the Circuit.
std::vector<PresetInfo> presets();

/// One setting by name ("gain", "10"), as the keys of a TOML file give it. Throws Error{usage} with the nearest
/// known name where the name is unknown, or where the value makes no sense.
void set_recipe_value(CellRecipe& recipe, const std::string& key, const std::string& value);

/// A TOML file of flat keys, those of set_recipe_value. Throws Error{missing} if it is not there, Error{damaged} if it
/// is not TOML, Error{usage} as set_recipe_value; the line is the error's object.
CellRecipe read_recipe(const std::filesystem::path& path);

/// The circuit of a recipe. Threshold and gain given relative to the drive are fixed on 20,000 frames of a stream of
/// the layout's seed, so another stimulus_seed or another stimulus means the same cell. Of several cells the first.
/// Throws Error{usage} if the recipe makes no sense or no gain gives the target rate, Interrupted on a stop request.
Circuit make_circuit(const CellRecipe& recipe, const Context& context = {});

/// Simulates: the stimulus on the preset's grid, counts, and the truth. The first lags - 1 frames have no whole history
/// and hold no spike. One segment, all of whose history is known (of a chirp
/// one for each time that it is shown). The same bits for any number of threads. Recordings
/// of the same preset, seed and settings hold the same cells, whatever these were shown. Throws as make_circuit, as
/// shown_movie for images, and Error{numeric} where a rate is too high (strong contrasts).
Recording simulate(const CellRecipe& recipe, const Context& context = {});

}  // namespace plexiform
