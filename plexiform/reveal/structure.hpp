#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/reveal/basis.hpp"
#include "plexiform/reveal/maximum_law.hpp"
#include "plexiform/reveal/model.hpp"
#include "plexiform/reveal/movie.hpp"
#include "plexiform/reveal/one_filter.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {

struct OneFilterSettings {
  double alpha = thresholds::kStructureAlpha;
  int draws = thresholds::kStructureDraws;
  std::size_t alike = thresholds::kAlike;  ///< frames of about the same drive whose counts are exchanged, 255 at most
  std::size_t stretch = thresholds::kStretch;  ///< frames of time within which they are, about
};

/// Does one linear filter with any output explain a cell?
struct OneFilterTest {
  std::string cannot;             ///< why nothing could be tested; empty where something was
  bool for_the_stimulus = false;  ///< that is the stimulus; else there are too few spikes, or no response
  double z = 0;                   ///< greatest |z| of the features
  double p = 1;
  std::vector<double> null;  ///< [draw], the same of exchanged counts
  MaximumLaw law;            ///< fitted to the null
  double alpha = thresholds::kStructureAlpha;
  double effect_bits = 0;   ///< what the strongest feature would gain, bits per spike
  double visible_bits = 0;  ///< such a gain is seen in nine of ten cells that have it
  std::size_t functions = 0, features = 0,
              left_out = 0;  ///< K; features tested; blocks left out, for there were spikes enough
  OneFilter filter;          ///< what it was tested against

  /// The verdict is p's: there is no other.
  bool structured() const { return p <= alpha; }
};

/// Tests that counts depend on the stimulus through one number: rate = F(drive), drive = any one filter of rank K in
/// the cell's temporal functions, F of any shape. Given the drive, counts are then as likely on any frame, and are
/// exchanged among frames of about the same drive (conditional randomisation; Candes et al. 2018). Statistic: the
/// greatest |z| of
///   sum_t a_j[t] (y[t] - F) / var,   a_j = sqrt(F) |w_j . v_q|,
/// over places, sizes and directions in the space of temporal functions: what a subunit of either polarity, excitatory
/// or suppressive, would change. The a_j are made orthogonal to a constant in each bin of drive and to F' times
/// whatever might be added to the drive, which is what an error of the fitted filter can do (efficient score; Neyman
/// 1959). p is counted over the draws, or, where none is as high, the tail of a law fitted to them if that is less. The
/// same bits on any number of threads. Throws Error{usage} if so many draws cannot reach alpha or `alike` is not in 2
/// to 255, Interrupted on a stop request.
OneFilterTest test_one_filter(const Movie& movie, const BasisFound& found, const OneFilterSettings& settings,
                              std::uint64_t seed, const Context& context);

// ---- Its steps

/// Frames in bins: within each stretch of time by drive.
struct DriveBins {
  std::vector<std::uint32_t> order;  ///< frames, bin after bin
  std::vector<std::uint32_t> first;  ///< [bin + 1], into order
  std::size_t count() const { return first.size() - 1; }
};
DriveBins bins_of(std::span<const float> drive, std::size_t alike, std::size_t stretch);

/// Exchanges within bins: [draw][rank in order], where in its bin the count comes from; draw 0 leaves all in place.
/// Frames whose count is 0 need not be told apart, so that only the others are drawn.
std::vector<std::vector<std::uint8_t>> exchanges(const DriveBins& bins, std::span<const float> counts, int draws,
                                                 std::uint64_t seed, const Context& context);

/// Sums over frames of products of rows less their means in bins: features, what is taken out of them, and the counts'
/// residuals, those recorded first.
struct ScoreSums {
  std::size_t features = 0, taken_out = 0, draws = 0;
  std::vector<double> features_by;   ///< [feature][taken out, then draw]
  std::vector<double> taken_out_by;  ///< [taken out][taken out, then draw]
  std::vector<double> square;        ///< [feature], with itself
};
/// [draw] the greatest |z| of the features made orthogonal to what is taken out, residuals having a variance of 1; of
/// those features that have enough left.
struct GreatestScores {
  std::vector<double> z;
  std::size_t features = 0;  ///< that have enough left
};
GreatestScores greatest_scores(const ScoreSums& sums);

}  // namespace plexiform::reveal
