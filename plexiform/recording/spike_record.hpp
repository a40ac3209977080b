#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/segment.hpp"
#include "plexiform/stimulus/binned.hpp"

namespace plexiform {

/// When each cell spiked and when each frame was on the screen, on one clock: what counts are binned from.
/// A frame is one of the displayed movie. `shown` are the stretches of frames, as segments of a recording whose bins
/// are frames; entry i of `begin` and `end` belongs to bin i of those segments.
struct SpikeRecord {
  std::vector<std::vector<double>> spikes;  ///< [cell], seconds, ascending
  std::vector<Segment> shown;
  std::vector<double> begin, end;  ///< [shown frame], seconds; a frame is on the screen from begin to before end
};

/// Throws Error{data} where times are not finite or not ascending, or frames and their times contradict each other.
void check_spike_record(const SpikeRecord& record);

/// Spikes of each cell in bins of a width, and the segments of those bins (indices into the movie that such bins see,
/// stimulus/binned.hpp). Several bins share the time of their frame evenly; frames that do not fill a bin of several
/// are omitted. A spike while no frame was shown counts nowhere.
struct BinnedSpikes {
  NdArray<std::int32_t> counts;  ///< [cell, bin]
  std::vector<Segment> segments;
  std::int64_t outside = 0;  ///< spikes that counted nowhere
};
BinnedSpikes bin_spikes(const SpikeRecord& record, const BinWidth& width);

}  // namespace plexiform
