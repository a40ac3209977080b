#include "plexiform/cell/presets.hpp"

#include <array>
#include <limits>

#include "plexiform/base/enum_names.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/cell/preset.hpp"

namespace plexiform {
namespace {

constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();

constexpr Preset mosaic(const char* name, const char* description, Layout (*layout)(std::uint64_t, double)) {
  return {.name = name,
          .description = description,
          .layout = layout,
          .frames = 30000,
          .subunits = SubunitNonlinearity::relu,
          .spikes = SpikeRule::poisson,
          .amplitude = 1,
          .filter_norm = 1,
          .threshold = kUnset,
          .threshold_of_mean = 0.5,
          .gain = kUnset,
          .target_rate = 0.1};
}

/// A cell without subunits that differs from Poisson counts of a rectified rate in one thing, which `what` may set.
constexpr Preset linear(const char* name, const char* description, void (*what)(Preset&)) {
  Preset preset = mosaic(name, description, spot_layout);
  preset.subunits = SubunitNonlinearity::linear;
  preset.threshold = 0.2;
  preset.threshold_of_mean = kUnset;
  preset.sizes_differ = false;
  what(preset);
  return preset;
}

/// A cell of five subunits that differs from mosaic5 in one thing, which `what` may set, and in its layouts.
constexpr Preset kind(std::uint64_t number, const char* name, const char* description, void (*what)(Preset&)) {
  Preset preset = mosaic(name, description, ring_layout);
  preset.kind = number;
  what(preset);
  return preset;
}

constexpr EnumNames<RelativePolarity, 2> kPolarities{
    {{RelativePolarity::same, "same"}, {RelativePolarity::other, "other"}}};

constexpr std::array kPresets{
    Preset{.name = "yan2020",
           .description = "8 x 8 pixels, four subunits of 2 x 2 pixels, at most one spike a frame; the cell of Yan et "
                          "al. 2020 (gain 2: sparse, gain 10: denser)",
           .layout = blocks_layout,
           .frames = 300000,
           .subunits = SubunitNonlinearity::relu,
           .spikes = SpikeRule::at_most_one,
           .amplitude = 0.5,
           .filter_norm = 2,
           .threshold = 2.5,
           .threshold_of_mean = kUnset,
           .gain = 2,
           .target_rate = kUnset,
           .sizes_differ = false},
    mosaic("mosaic5", "16 x 16 pixels, five Gaussian subunits on a ring, seeded layout, 0.1 spikes a frame",
           ring_layout),
    mosaic("mosaic9", "16 x 16 pixels, nine Gaussian subunits on a grid, seeded layout, 0.1 spikes a frame",
           grid_layout),
    [] {
      Preset preset =
          mosaic("linear", "16 x 16 pixels, one wide Gaussian filter: a cell without subunits, 0.1 spikes a frame",
                 single_layout);
      preset.sizes_differ = false;
      return preset;
    }(),
    linear("linear_inseparable", "like linear, seeded; centre and later surround: not separable in space and time",
           [](Preset& p) { p.layout = small_spot_layout, p.surround = 0.7; }),
    linear(
        "linear_saturating",
        "like linear, seeded; a rate that saturates: half its most at one standard deviation of drive above threshold",
        [](Preset& p) { p.output = OutputNonlinearity::saturating; }),
    linear("linear_exponential",
           "like linear, seeded; a rate that grows exponentially: e-fold in one standard deviation of drive",
           [](Preset& p) { p.output = OutputNonlinearity::exponential; }),
    linear("linear_overdispersed", "like linear, seeded; counts of twice the variance of Poisson's",
           [](Preset& p) { p.spikes = SpikeRule::negative_binomial; }),
    linear("linear_underdispersed", "like linear, seeded; counts of less variance than Poisson's: at most one a frame",
           [](Preset& p) { p.spikes = SpikeRule::at_most_one, p.threshold = 1; }),
    kind(1, "latency",
         "like mosaic5; each subunit up to 1.5 frames earlier or later, and slower or faster by up to 1.3",
         [](Preset& p) { p.traits.latency_vary = 1.5, p.temporal_vary = 0.3; }),
    kind(2, "onoff", "like mosaic5; two of the five subunits are ON ones",
         [](Preset& p) { p.traits.other_polarity = 2; }),
    kind(3, "suppression", "like mosaic5, and three wide subunits that suppress two frames later",
         [](Preset& p) { p.traits.suppressive = 3; }),
    kind(4, "crossover", "like mosaic5, and one wide ON subunit that suppresses half a frame later",
         [](Preset& p) {
           p.traits.suppressive = 1, p.traits.suppressive_size = 3, p.traits.suppressive_delay = 0.5;
           p.traits.suppressive_polarity = RelativePolarity::other;
           p.traits.suppressive_weight = 0.35, p.most_suppressive_weight = 0.5;
         }),
    kind(5, "surround", "like mosaic5; each subunit has a surround of its own",
         [](Preset& p) { p.traits.subunit_surround = 0.45; }),
    kind(6, "irregular", "like mosaic5; each subunit is a sum of three Gaussians",
         [](Preset& p) { p.traits.profile = Profile::irregular; }),
    kind(7, "exponential_profile", "like mosaic5; subunits with a sharp peak and a long tail",
         [](Preset& p) { p.traits.profile = Profile::exponential; }),
    kind(8, "drift", "like mosaic5; the gain drifts, and settles when the recording begins",
         [](Preset& p) { p.traits.drift = 0.3; }),
    kind(9, "refractory", "like mosaic5; a spike lowers the rate of the next frames",
         [](Preset& p) { p.traits.refractory = 0.8; }),
    kind(10, "bursty", "like mosaic5; counts of 2.7 times the variance of Poisson's",
         [](Preset& p) { p.spikes = SpikeRule::negative_binomial, p.fano = 2.7; }),
    kind(11, "shared_noise", "like mosaic5; slow noise of the gain that the cells of a recording share",
         [](Preset& p) { p.traits.shared_noise = 0.5; }),
    kind(12, "gain", "like mosaic5; the more the cell was driven in the last second, the lower its gain",
         [](Preset& p) { p.traits.divisive_gain = 1; }),
    kind(13, "even", "like mosaic5; an ON and an OFF subunit of the same shape at each of five places",
         [](Preset& p) { p.traits.twins = true; }),
    kind(14, "twelve", "16 x 16 pixels, twelve Gaussian subunits that overlap, seeded layout, 0.1 spikes a frame",
         [](Preset& p) { p.layout = twelve_layout, p.frames = 60000; }),
    kind(15, "linear_ushaped", "a cell without subunits, seeded: one filter, whose output is squared",
         [](Preset& p) {
           p.layout = spot_layout, p.sizes_differ = false;
           p.subunits = SubunitNonlinearity::squared;
         }),
    kind(16, "linear_surround", "a cell without subunits, seeded: one filter of centre and surround",
         [](Preset& p) {
           p.layout = small_spot_layout, p.sizes_differ = false;
           p.subunits = SubunitNonlinearity::linear;
           p.threshold = 0.2, p.threshold_of_mean = kUnset;
           p.traits.subunit_surround = 0.45;
         }),
};

}  // namespace

RelativePolarity polarity_from(const std::string& name) {
  return enum_from(kPolarities, name, "polarity");
}
std::string to_string(RelativePolarity polarity) {
  return name_of(kPolarities, polarity);
}

std::vector<PresetInfo> presets() {
  std::vector<PresetInfo> infos;
  for (const Preset& preset : kPresets) infos.push_back({preset.name, preset.description});
  return infos;
}

const Preset& preset_of(const std::string& name) {
  std::vector<std::string> known;
  std::string list;
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return preset;
    known.emplace_back(preset.name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  const auto near = nearest(name, known);
  throw Error(ErrorKind::usage, "unknown preset '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

}  // namespace plexiform
