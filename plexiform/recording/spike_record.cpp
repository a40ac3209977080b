#include "plexiform/recording/spike_record.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorKind::data, message);
}

void check_spikes(const SpikeRecord& record) {
  for (std::size_t cell = 0; cell < record.spikes.size(); ++cell) {
    const auto& times = record.spikes[cell];
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto refuse_spike = [&](const std::string& what) {
        throw Error(ErrorKind::data, "spike " + std::to_string(i) + what).of_cell(static_cast<std::int64_t>(cell));
      };
      if (!std::isfinite(times[i])) refuse_spike(" is not finite, expected a time in seconds");
      if (i > 0 && times[i] < times[i - 1])
        refuse_spike(" is at " + std::to_string(times[i]) + " s, the one before it at " + std::to_string(times[i - 1]) +
                     " s, expected ascending times");
    }
  }
}

/// A bin in seconds.
struct Interval {
  double begin = 0, end = 0;
};

/// Bins of a stretch of shown frames; appends their segment.
void add_bins(const SpikeRecord& record, const Segment& shown, const BinWidth& width, std::vector<Segment>& segments,
              std::vector<Interval>& bins) {
  const std::int64_t k = width.bins_per_frame, each = width.frames_per_bin;
  const auto start = static_cast<std::int64_t>(bins.size());
  const std::int64_t first = (shown.first_frame + each - 1) / each * each;  // displayed frame that begins a bin
  for (std::int64_t frame = first; frame + each <= shown.first_frame + shown.length; frame += each) {
    const auto at = static_cast<std::size_t>(shown.start + frame - shown.first_frame);
    const double begin = record.begin[at], end = record.end[at + static_cast<std::size_t>(each) - 1];
    const auto border = [&](std::int64_t i) {
      return i == k ? end : begin + (end - begin) * static_cast<double>(i) / static_cast<double>(k);
    };
    for (std::int64_t i = 0; i < k; ++i) bins.push_back({border(i), border(i + 1)});
  }
  const std::int64_t length = static_cast<std::int64_t>(bins.size()) - start;
  if (length > 0)
    segments.push_back({start, length, first / each * k, (shown.history_begin + each - 1) / each * k, shown.repeat});
}

}  // namespace

void check_spike_record(const SpikeRecord& record) {
  check_spikes(record);
  const std::size_t frames = record.begin.size();
  if (record.end.size() != frames)
    refuse(counted(std::ssize(record.end), "end") + " for " + counted(std::ssize(record.begin), "begin") +
           " of frame times, expected one each");
  for (std::size_t i = 0; i < frames; ++i) {
    const std::string at = "frame time " + std::to_string(i);
    if (!std::isfinite(record.begin[i]) || !std::isfinite(record.end[i])) refuse(at + " is not finite");
    if (!(record.end[i] > record.begin[i])) refuse(at + ": the frame ends before it begins");
    if (i > 0 && record.begin[i] < record.end[i - 1]) refuse(at + ": the frame begins before the one before it ends");
  }
  std::int64_t covered = 0;
  for (const Segment& s : record.shown) {
    if (s.start != covered || s.length < 1 || s.first_frame < 0 || s.history_begin < 0 ||
        s.history_begin > s.first_frame)
      refuse("stretches of frame times overlap, or are of no frame");
    covered += s.length;
  }
  if (covered != static_cast<std::int64_t>(frames))
    refuse("stretches of frame times cover " + counted(covered, "frame") + ", there are times of " +
           grouped(static_cast<std::int64_t>(frames)));
}

BinnedSpikes bin_spikes(const SpikeRecord& record, const BinWidth& width) {
  check_bin_width(width);
  BinnedSpikes binned;
  std::vector<Interval> bins;
  for (const Segment& shown : record.shown) add_bins(record, shown, width, binned.segments, bins);
  if (bins.empty()) refuse("no " + counted(width.frames_per_bin, "frame") + " in a row make a bin");
  binned.counts = NdArray<std::int32_t>({std::ssize(record.spikes), std::ssize(bins)});
  for (std::size_t cell = 0; cell < record.spikes.size(); ++cell) {
    const auto row = binned.counts.row(static_cast<std::int64_t>(cell));
    for (const double time : record.spikes[cell]) {
      const auto after = std::ranges::upper_bound(bins, time, {}, &Interval::begin);
      const auto bin = static_cast<std::size_t>(after - bins.begin());
      if (bin == 0 || time >= bins[bin - 1].end)
        ++binned.outside;
      else
        ++row[bin - 1];
    }
  }
  return binned;
}

}  // namespace plexiform
