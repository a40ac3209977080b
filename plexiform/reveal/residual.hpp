#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/reveal/scores.hpp"

namespace plexiform::reveal {

/// What a fitted model leaves out: a subunit of its own, a Gaussian inside the rectifier of one that it has, or a wider
/// Gaussian about the centre of each, inside the rectifiers of all.
enum class MissingKind { subunit, shape, surround };

/// Something that a model might have beside its parts.
struct Missing {
  MissingKind kind = MissingKind::subunit;
  /// +1 excitation, -1 suppression. Of a shape: +1 where its subunit has too little weight there, -1 where too much; of
  /// a surround -1 where it is opposed to the centre.
  int sign = 1;
  int polarity = 1;            ///< +1 ON, -1 OFF: sign of the temporal filter where it is strongest
  std::size_t lag = 0;         ///< where the temporal filter is strongest, frames
  double x = 0, y = 0;         ///< pixels
  double size = 1;             ///< standard deviation, pixels
  std::size_t part = 0;        ///< of a shape: its subunit
  std::vector<double> filter;  ///< [channel * lag], unit norm
  Score score;                 ///< its z in its own errors, which the dispersion widens
  std::size_t looked_at = 0;   ///< features among which it is the strongest
};

/// The strongest of what a model might have beside its parts, and what chance alone would show.
struct Residual {
  Missing strongest;
  /// Of the other sign: where subunits of one polarity excite, others of the opposite one that suppress tell nearly the
  /// same.
  Missing opposite;
  double z = 0;              ///< of the strongest, 0 or more
  double null_quantile = 0;  ///< 95 % of the strongest of counts that the model itself made lie below
  double p = 1;              ///< of such counts being as strong
  /// Bits per spike: what the strongest promises (z^2 dispersion / 2 nats), its error, and the least that would have
  /// been seen. The strongest of chance promises something too; where z is far above null_quantile a subunit of its own
  /// place, size and lags brings more.
  double missed_bits = 0, missed_error = 0, visible_bits = 0;

  /// Whether it is more than chance shows, and enough to speak of.
  bool is_missing() const;
};

/// Has a model all that these spikes show? Score tests of features of both polarities and signs, the model's own power:
/// the basis' functions and bumps of lag, in each channel, at places of two sizes over the window; of Gaussians inside
/// the rectifier of each part; and of a surround of all. What the model's parameters can do is taken out, the strongest
/// is compared with the strongest of counts drawn from the model (drawn_scores). The same bits on any number of
/// threads; `seed` is the cell's. Throws Interrupted on a stop request.
Residual residual_test(const Fitted& fit, const Movie& movie, const Covariates& covariates, std::uint64_t seed,
                       const Context& context);

/// In words: "suppression at lag 6 near (4, 12)"; "suppression at lag 6 near (4, 12) is not described (0.03 bits per
/// spike)".
std::string in_words(const Missing& missing);
std::string in_words(const Residual& residual);

/// The model and what is missing, as one more part of weight 1 (or an inner Gaussian, or a surround): its lag function
/// joins the basis, made orthogonal to it, where that has fewer than `most_functions`. Nothing where the model cannot
/// hold it.
std::optional<Model> with_missing(Model model, const Missing& missing, std::size_t most_functions);

}  // namespace plexiform::reveal
