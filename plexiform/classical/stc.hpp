#pragma once
#include <cstdint>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/classical/module_set.hpp"
#include "plexiform/classical/thresholds.hpp"

namespace plexiform {

/// The defaults are those of thresholds.hpp.
struct StcSettings {
  double level = thresholds::classical::kLevel;          ///< probability of finding an axis where there is none
  std::int64_t shifts = thresholds::classical::kShifts;  ///< of the counts; level >= 2 / (shifts + 1)
  /// Frames, either way; longer than stimulus and cell remember.
  std::int64_t least_shift = thresholds::classical::kLeastShift;
  std::int64_t most_axes = thresholds::classical::kMostAxes;  ///< the search ends there
  std::uint64_t seed = 1;
};

/// The test for one more axis. Eigenvalues are variances along an axis of the stimuli before spikes minus that of all
/// stimuli, in units of the stimulus' mean variance: 0 without effect, above 0 where the cell fires for both signs, -1
/// at the least.
struct StcTest {
  double eigenvalue = 0;               ///< of the candidate
  double null_low = 0, null_high = 0;  ///< interval that the extremes of shifted counts leave with probability `level`
  double p = 1;                        ///< two-sided, (1 + shifts as extreme) / (shifts + 1) times 2, at most 1
  bool significant = false;
};

struct StcResult {
  ModuleSet axes;              ///< significant axes in the order found, orthogonal to each other and to the average
  std::vector<StcTest> tests;  ///< of these, then the first that failed (missing where most_axes were found)
  at::Tensor average;          ///< spike-triggered average, double [pixel], unit L2 norm
  at::Tensor eigenvalues;      ///< double [pixel - 1], rising, average projected out
  double spikes = 0;
};

/// Spike-triggered covariance of the filtered movie's training frames, the spike-triggered average projected out.
/// Significance by a nested test: the largest and the smallest eigenvalue are compared with those of counts that were
/// shifted in time (as a circle over all training frames; their own average projected out); where one is outside, the
/// axis further out (in standard deviations of its null) is taken and projected out of both, and the test is done
/// again. With counts that do not depend on the stimulus, or through its projection on one axis only (Gaussian
/// stimulus), an axis is found with a probability of at most `level`. Memory: shifts * pixels^2 * 4 bytes.
///
/// Throws Error{data} with fewer than two spikes, fewer than three pixels, or fewer training frames than four of the
/// least shifts; Error{usage} if a setting is out of range; Interrupted on a stop request; and the errors of
/// spike_frames(). Sources: Rust et al. 2005, Neuron 46:945; Schwartz et al. 2006, Journal of Vision 6(4):13.
StcResult stc(const FilteredMovie& movie, const StcSettings& settings = {}, const Context& context = {});

}  // namespace plexiform
