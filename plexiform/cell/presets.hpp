#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/cell/profiles.hpp"
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

/// Of suppressive subunits: that of the others, or not (ON ones beside OFF ones).
enum class RelativePolarity { same, other };
RelativePolarity polarity_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(RelativePolarity polarity);

/// What makes a cell one of another kind than the mosaics. Unset fields are the preset's, which has none of it unless
/// presets() says so. What is drawn for one trait does not change what is drawn for another.
struct CellTraits {
  /// Each subunit earlier or later by frames of its own, uniform between -v and v; at most 2 (a filter begins at lag
  /// 2).
  std::optional<double> latency_vary;
  std::optional<std::int64_t> other_polarity;  ///< this many subunits, chosen by the seed, are ON ones
  std::optional<bool> twins;                   ///< each subunit has one of the other polarity at its place
  /// So many wide Gaussian subunits that suppress, equally far from a centre (varied by 0.5 pixels), neighbours 1.19 of
  /// their standard deviation apart, which makes the cosine of two filters about 0.7. Sizes vary by 15 %.
  std::optional<std::int64_t> suppressive;
  std::optional<double> suppressive_weight;  ///< their summed weight, a share of that of the driving ones; 0.55
  std::optional<double> suppressive_delay;   ///< frames; 2
  std::optional<double> suppressive_size;    ///< standard deviation, pixels of 16 x 16; 2.5
  std::optional<RelativePolarity> suppressive_polarity;
  std::optional<double> subunit_surround;       ///< share of a surround in each subunit's own filter, see profiles.hpp
  std::optional<double> subunit_surround_size;  ///< how many times as wide as the centre; 2.5
  std::optional<Profile> profile;               ///< see profiles.hpp
  std::optional<double> drift;         ///< standard deviation of the log gain over the recording, see gain_change.hpp
  std::optional<double> shared_noise;  ///< standard deviation of the log gain; time constant 60 frames
  std::optional<double> refractory;    ///< share of the rate that a spike takes from the next frame; e-fold in 2 frames
  std::optional<double> divisive_gain;  ///< 0: none, 1: full; the pool's time constant is 30 frames
};
inline constexpr double kSuppressiveWeight = 0.55, kSuppressiveDelay = 2, kSuppressiveSize = 2.5;
inline constexpr double kSubunitSurroundSize = 2.5;

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
  std::optional<double> temporal_vary;      ///< each subunit slower by a factor of its own, 1 / (1 + v) to 1 + v
  std::optional<double> surround;           ///< weight of a suppressive surround, see presets()
  CellTraits traits;
};

struct PresetInfo {
  std::string name;
  std::string description;
};

/// yan2020, mosaic5, mosaic9, linear and five more cells without subunits; then a preset for each kind of cell that
/// differs from mosaic5 in one thing. All have binary noise at 30 Hz, 20 lags and
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
/// The kinds, all with layouts of their own for the same seed, are those of mosaic5 (five relu OFF subunits on a ring,
/// 0.1 spikes a frame, a threshold of half the drive's mean) but for:
/// - latency: latency_vary of 1.5 frames, temporal_vary of 0.3;
/// - onoff: two of the five subunits are ON ones (other_polarity);
/// - suppression: three suppressive OFF subunits of 2.5 pixels, two frames later, with 0.55 of the driving weight: the
///   driving part alone leaves two thirds of the drive's variance unexplained;
/// - crossover: one suppressive ON subunit of 3 pixels, half a frame later, with 0.35 to 0.5 of the driving weight;
/// - surround: subunit_surround of 0.45, 2.5 times as wide (not the pooled surround below);
/// - irregular, exponential_profile: profile;
/// - drift: the log gain drifts with a standard deviation of 0.3 and settles from 0.5 above at the start;
/// - refractory: a spike takes 0.8 of the next frame's rate, which recovers e-fold in two frames;
/// - bursty: negative binomial counts of a fano factor of 2.7;
/// - shared_noise: noise of the log gain, standard deviation 0.5, the same for all cells of a recording;
/// - gain: divisive_gain of 1;
/// - even: each of five places has an ON and an OFF subunit of one shape (twins), so that the cell's response is nearly
///   even in contrast;
/// - twelve: twelve subunits that overlap more, 60,000 frames.
/// And two without subunits: linear_ushaped (one filter, squared) and linear_surround (one filter of a centre less 0.45
/// of a surround, a product of space and time).
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

/// Simulates: the stimulus on the preset's grid, counts, and the truth (drift, noise and the history of spikes act on
/// the counts). The first lags - 1 frames have no whole history
/// and hold no spike. One segment, all of whose history is known (of a chirp
/// one for each time that it is shown). The same bits for any number of threads. Recordings
/// of the same preset, seed and settings hold the same cells, whatever these were shown. Throws as make_circuit, as
/// shown_movie for images, and Error{numeric} where a rate is too high (strong contrasts).
Recording simulate(const CellRecipe& recipe, const Context& context = {});

}  // namespace plexiform
