#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

enum class Polarity { on, off };

/// What the user expects of the recording; what is not stated is not warned about.
struct Expectation {
  std::optional<Polarity> polarity;
  std::optional<Range> latency;  ///< lags [first, last] inclusive in which the temporal peak should lie
};

struct CellFigures {
  std::int64_t cell = 0;
  std::string name;
  std::int64_t spikes = 0;
  double rate = 0;                      ///< spikes per second
  double fano = 0;                      ///< variance over mean of the counts
  std::optional<std::int64_t> latency;  ///< lag of the peak of the spike-triggered average, where significant
  std::optional<Polarity> polarity;
  std::optional<Place> centre;  ///< where the average's structure is
  double z = 0;                 ///< peak of the average at lags >= 0, in standard errors
  double z_ahead = 0;           ///< the same at negative lags; significant means counts ahead of their stimulus
};

struct CheckReport {
  std::vector<CellFigures> cells;
  std::int64_t on = 0, off = 0, unclear = 0;
  std::optional<double> latency_median;                        ///< lags
  std::vector<std::int64_t> silent;                            ///< cells without a spike
  std::vector<std::pair<std::int64_t, std::int64_t>> doubled;  ///< pairs with (nearly) the same spikes
  std::int64_t bins_without_history = 0;                       ///< for `lags` lags
  std::vector<std::string> errors;                             ///< mistakes: significant structure at negative lags
  std::vector<std::string> warnings;                           ///< against the expectation
};

/// Looks for mistakes of lag, polarity and schedule, in all bins. Structure at lags -lags .. -1 is an error where it is
/// significant (1e-4 for a false alarm anywhere in the recording, for a stimulus that is white in time; under another
/// the warnings say that this cannot be told). Streams over the stimulus two to four times. Throws Error{usage} where
/// lags is below 1, Interrupted on a stop request.
CheckReport check_recording(const Recording& recording, std::int64_t lags, const Expectation& expectation,
                            const Context& context = {});

}  // namespace plexiform
