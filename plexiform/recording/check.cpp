#include "plexiform/recording/check.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/recording/evidence.hpp"
#include "plexiform/recording/thresholds.hpp"
#include "plexiform/recording/windows.hpp"

namespace plexiform {
namespace {

using namespace thresholds::recording;

constexpr std::int64_t kFrameValues = 4 << 20;  // of the stimulus, to see whether it is white in time

/// "0, 3, 7 and 12 more"
std::string listed(const std::vector<std::int64_t>& cells) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(cells.size(), kShown); ++i) text += (i ? ", " : "") + std::to_string(cells[i]);
  return cells.size() > kShown ? text + " and " + std::to_string(cells.size() - kShown) + " more" : text;
}

/// Correlation of the contrast with that of the frame before, over a stretch of known frames.
double time_correlation(const Recording& recording) {
  const FrameShape shape = recording.stimulus->shape();
  const std::int64_t values = shape.channels * shape.pixels();
  const Segment& longest =
      *std::max_element(recording.segments.begin(), recording.segments.end(), [](const Segment& a, const Segment& b) {
        return a.first_frame + a.length - a.history_begin < b.first_frame + b.length - b.history_begin;
      });
  const std::int64_t known = longest.first_frame + longest.length - longest.history_begin;
  const std::int64_t frames = std::min(known, std::max<std::int64_t>(kFrameValues / values, 16));
  std::vector<float> movie(static_cast<std::size_t>(frames * values));
  recording.stimulus->read(longest.history_begin, longest.history_begin + frames, whole(shape), movie);
  double mean = 0;
  for (const float value : movie) mean += static_cast<double>(value);
  mean /= static_cast<double>(movie.size());
  double variance = 0;
  double product = 0;
  for (std::size_t i = static_cast<std::size_t>(values); i < movie.size(); ++i) {
    const double now = static_cast<double>(movie[i]) - mean;
    variance += now * now;
    product += now * (static_cast<double>(movie[i - static_cast<std::size_t>(values)]) - mean);
  }
  return variance > 0 ? product / variance : 0;
}

/// The largest deviation from 0 among the lags [first, last], in standard errors, and where.
struct Peak {
  double z = 0;
  std::int64_t lag = 0;
  Place place;
};

/// Standardised sums of one job, [lag, y, x]: single pixels, or means over 3 x 3 that see a broad field better.
class StandardSums {
 public:
  StandardSums(const TriggeredSums<float>& sums, const TriggeredSum<float>& job)
      : first_lag_(sums.first_lag), lags_(sums.lags), window_(job.window), z_(job.sums.size(), 0.0) {
    std::size_t i = 0;
    for (std::int64_t lag = 0; lag < lags_; ++lag)
      for (std::int64_t y = window_.y; y < window_.y + window_.height; ++y)
        for (std::int64_t x = window_.x; x < window_.x + window_.width; ++x, ++i) {
          const double variance = sums.variance_at(0, y, x) * job.spread;
          if (variance > 0) z_[i] = static_cast<double>(job.sums[i]) / std::sqrt(variance);
        }
  }

  Peak peak(std::int64_t first, std::int64_t last) const {
    Peak found;
    const auto offer = [&](double z, std::int64_t lag, std::int64_t y, std::int64_t x) {
      if (std::abs(z) > std::abs(found.z))
        found = {z, lag, {static_cast<double>(window_.x + x), static_cast<double>(window_.y + y)}};
    };
    for (std::int64_t lag = first; lag <= last; ++lag)
      for (std::int64_t y = 0; y < window_.height; ++y)
        for (std::int64_t x = 0; x < window_.width; ++x) {
          offer(at(lag, y, x), lag, y, x);
          if (y == 0 || x == 0 || y == window_.height - 1 || x == window_.width - 1) continue;
          double sum = 0;
          for (std::int64_t v = y - 1; v <= y + 1; ++v)
            for (std::int64_t u = x - 1; u <= x + 1; ++u) sum += at(lag, v, u);
          offer(sum / 3, lag, y, x);
        }
    return found;
  }

  /// The lag furthest ahead of the spikes where something stands out, or 0.
  std::int64_t furthest_ahead(double threshold) const {
    for (std::int64_t lag = first_lag_; lag < 0; ++lag)
      if (std::abs(peak(lag, lag).z) > threshold) return lag;
    return 0;
  }

 private:
  double at(std::int64_t lag, std::int64_t y, std::int64_t x) const {
    return z_[static_cast<std::size_t>(((lag - first_lag_) * window_.height + y) * window_.width + x)];
  }

  std::int64_t first_lag_, lags_;
  Window window_;
  std::vector<double> z_;
};

struct Moments {
  double spikes = 0, mean = 0, variance = 0;
};
Moments moments_of(std::span<const std::int32_t> counts) {
  Moments moments;
  double squares = 0;
  for (const std::int32_t count : counts) {
    moments.spikes += count;
    squares += static_cast<double>(count) * count;
  }
  const auto n = static_cast<double>(counts.size());
  moments.mean = moments.spikes / n;
  moments.variance = squares / n - moments.mean * moments.mean;
  return moments;
}

std::vector<std::pair<std::int64_t, std::int64_t>> doubled_cells(const Recording& recording,
                                                                 const std::vector<Moments>& moments,
                                                                 const Context& context) {
  std::vector<std::vector<std::pair<std::size_t, double>>> spikes(moments.size());  // bins that hold some, and how many
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const std::span<const std::int32_t> row = recording.counts.row(static_cast<std::int64_t>(i));
    for (std::size_t bin = 0; bin < row.size(); ++bin)
      if (row[bin] > 0) spikes[i].emplace_back(bin, row[bin]);
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  const auto n = static_cast<double>(recording.bins());
  for (std::size_t i = 0; i < moments.size(); ++i) {
    check_stop(context);
    for (std::size_t j = i + 1; j < moments.size(); ++j) {
      if (std::min(moments[i].spikes, moments[j].spikes) <= kLeastToDouble) continue;
      double product = 0;
      auto b = spikes[j].begin();
      for (const auto& [bin, count] : spikes[i]) {
        while (b != spikes[j].end() && b->first < bin) ++b;
        if (b != spikes[j].end() && b->first == bin) product += count * b->second;
      }
      const double covariance = product / n - moments[i].mean * moments[j].mean;
      if (covariance > kDoubled * std::sqrt(moments[i].variance * moments[j].variance))
        pairs.emplace_back(static_cast<std::int64_t>(i), static_cast<std::int64_t>(j));
    }
  }
  return pairs;
}

void compare(const Expectation& expectation, CheckReport& report) {
  std::vector<std::int64_t> wrong;
  if (expectation.polarity) {
    for (const CellFigures& cell : report.cells)
      if (cell.polarity && *cell.polarity != *expectation.polarity) wrong.push_back(cell.cell);
    const bool off = *expectation.polarity == Polarity::off;
    if (!wrong.empty())
      report.warnings.push_back(counted(static_cast<std::int64_t>(wrong.size()), "cell") + " of " +
                                grouped(report.on + report.off) + " with a clear sign respond to " +
                                (off ? "light ON" : "light OFF") + ", expected " + (off ? "OFF" : "ON") + " (cells " +
                                listed(wrong) + "): is the sign of the stimulus inverted?");
  }
  if (expectation.latency) {
    wrong.clear();
    std::int64_t known = 0;
    for (const CellFigures& cell : report.cells) {
      if (!cell.latency) continue;
      ++known;
      if (*cell.latency < expectation.latency->begin || *cell.latency > expectation.latency->end)
        wrong.push_back(cell.cell);
    }
    if (!wrong.empty())
      report.warnings.push_back(counted(static_cast<std::int64_t>(wrong.size()), "cell") + " of " + grouped(known) +
                                " have their temporal peak outside lags " + std::to_string(expectation.latency->begin) +
                                " to " + std::to_string(expectation.latency->end) + " (cells " + listed(wrong) +
                                "): are counts and stimulus aligned?");
  }
}

}  // namespace

namespace {

/// Displayed frames that some steps of bins need.
std::int64_t frames_of(const BinWidth& bin, std::int64_t steps) {
  return (steps * bin.frames_per_bin + bin.bins_per_frame - 1) / bin.bins_per_frame;
}

/// Files of older versions can have two cells of one name.
void warn_of_names(const std::vector<std::string>& names, CheckReport& report) {
  try {
    require_names_differ(names);
  } catch (const Error& error) {
    report.warnings.push_back(std::string(error.what()) + ": cells cannot be matched by name across recordings");
  }
}

}  // namespace

CheckReport check_recording(const Recording& recording, std::int64_t lags, const Expectation& expectation,
                            const Context& context) {
  if (lags < 1) throw Error(ErrorKind::usage, counted(lags, "lag") + ", expected 1 or more");
  if (recording.kind == RecordingKind::flashed)
    throw Error(ErrorKind::data, "the recording is of flashed images: what is checked needs a movie and its history",
                "its responses can be checked for how far they repeat and can be predicted");
  CheckReport report;
  report.bins_without_history = recording.bins();
  for (const Range& range : bins_with_history(recording, lags)) report.bins_without_history -= range.size();

  std::vector<Moments> moments;
  std::vector<std::int64_t> spiking;
  for (std::int64_t cell = 0; cell < recording.cells(); ++cell) {
    const Moments m = moments_of(recording.counts.row(cell));
    moments.push_back(m);
    CellFigures figures;
    figures.cell = cell;
    figures.name = shown_name(recording, cell);
    figures.spikes = static_cast<std::int64_t>(m.spikes);
    figures.rate = m.mean * bins_per_second(recording);
    figures.fano = m.mean > 0 ? m.variance / m.mean : 0;
    report.cells.push_back(figures);
    (m.spikes > 0 ? spiking : report.silent).push_back(cell);
  }
  report.doubled = doubled_cells(recording, moments, context);

  const std::string step = recording.bin.is_frame() ? "frame" : "bin";
  const double correlation = time_correlation(recording);
  const bool white = std::abs(correlation) < kWhiteInTime;
  const std::vector<Range> bins{{0, recording.bins()}};
  const FrameShape grid = recording.stimulus->shape();
  const std::vector<Located> located = locate(recording, spiking, bins, kSearchSide, -lags, lags - 1, false, context);
  std::vector<TriggeredJob> jobs;
  for (std::size_t i = 0; i < spiking.size(); ++i)
    jobs.push_back({spiking[i], window_around(located[i].centre, kSearchSide, kSearchSide, grid)});
  const auto sums = triggered_sums<float>(recording, jobs, bins, -lags, lags - 1, TriggeredKind::contrast, context);

  // Two-sided, single pixels and means of 3 x 3. A window that was chosen on the whole grid has looked at all of it.
  const double in_window = 4.0 * static_cast<double>(lags) * static_cast<double>(kSearchSide * kSearchSide);
  const double on_grid =
      4.0 * static_cast<double>(lags) * static_cast<double>(grid.pixels()) * static_cast<double>(recording.cells());
  const double clear = normal_quantile_above(kAlphaAhead / in_window);
  const double alarm = normal_quantile_above(kAlphaAhead / on_grid);
  std::vector<std::int64_t> early;
  std::int64_t furthest = 0;
  std::vector<double> latencies;
  double z_ahead = 0;
  for (std::size_t i = 0; i < spiking.size(); ++i) {
    CellFigures& figures = report.cells[static_cast<std::size_t>(spiking[i])];
    const StandardSums standard(sums, sums.jobs[i]);
    const Peak behind = standard.peak(0, lags - 1);
    figures.z = std::abs(behind.z);
    figures.z_ahead = std::abs(standard.peak(-lags, -1).z);
    if (figures.z > (located[i].significant || located[i].is_stated ? clear : alarm)) {
      figures.latency = behind.lag;
      figures.polarity = behind.z > 0 ? Polarity::on : Polarity::off;
      latencies.push_back(static_cast<double>(behind.lag));
    }
    if (located[i].significant)
      figures.centre = located[i].centre;
    else if (figures.latency)
      figures.centre = behind.place;
    if (figures.z_ahead > alarm) {
      early.push_back(spiking[i]);
      furthest = std::min(furthest, standard.furthest_ahead(alarm));
      z_ahead = std::max(z_ahead, figures.z_ahead);
    }
    (figures.polarity ? (*figures.polarity == Polarity::on ? report.on : report.off) : report.unclear) += 1;
  }
  report.unclear += static_cast<std::int64_t>(report.silent.size());
  if (!latencies.empty()) {
    std::sort(latencies.begin(), latencies.end());
    const std::size_t half = latencies.size() / 2;
    report.latency_median = latencies.size() % 2 ? latencies[half] : (latencies[half - 1] + latencies[half]) / 2;
  }
  if (!white) {
    report.warnings.push_back("the stimulus is correlated in time (" + std::to_string(correlation).substr(0, 5) +
                              " with the frame before), so it cannot be determined whether counts precede it");
  } else if (!early.empty()) {
    report.errors.push_back("counts are ahead of their stimulus by at least " + counted(-furthest, step) + ": " +
                            counted(static_cast<std::int64_t>(early.size()), "cell") + " (" + listed(early) +
                            ") respond to frames that were shown after the spike (up to " +
                            std::to_string(std::lround(z_ahead)) +
                            " standard errors); import again with a lag offset that is larger by " +
                            std::to_string(frames_of(recording.bin, -furthest)) + " or more");
  }
  compare(expectation, report);
  warn_of_names(recording.names, report);
  return report;
}

}  // namespace plexiform
