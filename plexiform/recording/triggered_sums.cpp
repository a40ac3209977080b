#include "plexiform/recording/triggered_sums.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kReachMax = 7;           // frames before its own that a feature needs
constexpr std::int64_t kBlockValues = 1 << 21;  // contrasts in memory at a time
constexpr std::int64_t kTilePixels = 1024;      // a piece of work; its sums stay in the cache
constexpr double kVarianceMin = 1e-12;          // in units of the mean square: below it a contrast never changes

/// Displayed frames of the usable bins, how often each cell spiked in them, and the frames to be read.
struct Plan {
  std::vector<std::int64_t> frames;         ///< sorted, once each
  std::vector<std::vector<double>> counts;  ///< [job, frame]; repeats of a frame are added up
  std::vector<Range> intervals;             ///< of displayed frames, in order, apart from each other
};

Plan make_plan(const Recording& recording, std::span<const TriggeredJob> jobs, std::span<const Range> bins,
               std::int64_t first_lag, std::int64_t last_lag) {
  struct Usable {
    std::int64_t frame, bin;
  };
  std::vector<Usable> usable;
  for (const Segment& segment : recording.segments) {
    const std::int64_t shift = segment.first_frame - segment.start;
    const std::int64_t begin = std::max(segment.start, segment.history_begin + last_lag - shift);
    const std::int64_t end = segment.start + segment.length + std::min<std::int64_t>(first_lag, 0);
    for (const Range& range : bins)
      for (std::int64_t bin = std::max(begin, range.begin); bin < std::min(end, range.end); ++bin)
        usable.push_back({bin + shift, bin});
  }
  std::sort(usable.begin(), usable.end(),
            [](const Usable& a, const Usable& b) { return a.frame != b.frame ? a.frame < b.frame : a.bin < b.bin; });
  Plan plan;
  for (const Usable& entry : usable) {
    if (!plan.frames.empty() && plan.frames.back() == entry.frame) continue;
    plan.frames.push_back(entry.frame);
    const Range needed{entry.frame - last_lag, entry.frame - first_lag + 1};
    if (!plan.intervals.empty() && needed.begin <= plan.intervals.back().end)
      plan.intervals.back().end = needed.end;
    else
      plan.intervals.push_back(needed);
  }
  for (const TriggeredJob& job : jobs) {
    const std::span<const std::int32_t> row = recording.counts.row(job.cell);
    std::vector<double> counts;
    counts.reserve(plan.frames.size());
    std::int64_t last = -1;
    for (const Usable& entry : usable) {
      const double count = row[static_cast<std::size_t>(entry.bin)];
      if (entry.frame == last)
        counts.back() += count;
      else
        counts.push_back(count);
      last = entry.frame;
    }
    plan.counts.push_back(std::move(counts));
  }
  return plan;
}

/// Correlation of the counts with themselves 0 .. lags - 1 frames later.
std::vector<double> count_correlation(const Plan& plan, const std::vector<double>& counts, double mean, double spread,
                                      std::int64_t lags) {
  std::vector<double> correlation{1.0};
  for (std::int64_t d = 1; d < lags; ++d) {
    double sum = 0;
    std::size_t j = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      while (j < i && plan.frames[j] < plan.frames[i] - d) ++j;
      if (plan.frames[j] == plan.frames[i] - d) sum += (counts[i] - mean) * (counts[j] - mean);
    }
    correlation.push_back(spread > 0 ? sum / spread : 0);
  }
  return correlation;
}

struct Spike {
  std::int64_t frame;
  float count;
};

Window around(std::span<const TriggeredJob> jobs) {
  Window bounds = jobs.front().window;
  std::int64_t bottom = bounds.y + bounds.height;
  std::int64_t right = bounds.x + bounds.width;
  for (const TriggeredJob& job : jobs) {
    bottom = std::max(bottom, job.window.y + job.window.height);
    right = std::max(right, job.window.x + job.window.width);
    bounds.y = std::min(bounds.y, job.window.y);
    bounds.x = std::min(bounds.x, job.window.x);
  }
  bounds.height = bottom - bounds.y;
  bounds.width = right - bounds.x;
  return bounds;
}

/// One block of frames, rows of bounds.pixels() contrasts, and one feature of it at a time.
class Block {
 public:
  Block(const Stimulus& stimulus, const Window& bounds, int threads)
      : stimulus_(stimulus),
        bounds_(bounds),
        threads_(threads),
        step_(std::clamp<std::int64_t>(kBlockValues / (bounds.pixels() * stimulus.shape().channels), 16, 4096)) {}

  std::int64_t step() const { return step_; }
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }

  /// Frames [begin, end); `interval` is where the stretch of frames that are read one after the other began.
  void read(std::int64_t begin, std::int64_t end, std::int64_t interval) {
    const std::int64_t pixels = bounds_.pixels();
    const std::int64_t channels = stimulus_.shape().channels;
    const std::int64_t kept = begin > interval ? std::min(kReachMax, end_ - begin_) : 0;
    contrast_.resize(static_cast<std::size_t>((kReachMax + step_) * pixels));
    if (kept > 0) std::copy_n(row(end_ - kept), kept * pixels, contrast_.data() + (kReachMax - kept) * pixels);
    begin_ = begin;
    end_ = end;
    interval_ = interval;
    raw_.resize(static_cast<std::size_t>((end - begin) * channels * pixels));
    stimulus_.read(begin, end, bounds_, raw_);
    if (!centred_) {
      double sum = 0;
      for (const float value : raw_) sum += static_cast<double>(value);
      centre_ = static_cast<float>(sum / static_cast<double>(raw_.size()));
      centred_ = true;
    }
    const float scale = 1.0F / static_cast<float>(channels);
    float* out = contrast_.data() + kReachMax * pixels;
    for (std::int64_t t = 0; t < end - begin; ++t, out += pixels) {
      const float* in = raw_.data() + t * channels * pixels;
      for (std::int64_t i = 0; i < pixels; ++i) {
        float sum = 0;
        for (std::int64_t c = 0; c < channels; ++c) sum += in[c * pixels + i];
        out[i] = sum * scale - centre_;
      }
    }
  }

  /// First frame at which a feature of this reach is known.
  std::int64_t known_from(std::int64_t reach) const { return std::max(begin_, interval_ + reach); }

  /// Makes feature() the given one.
  void choose(TriggeredKind kind, std::size_t feature) {
    const std::int64_t pixels = bounds_.pixels();
    if (kind == TriggeredKind::contrast) {
      feature_ = contrast_.data() + kReachMax * pixels;
      return;
    }
    local_.resize(static_cast<std::size_t>(step_ * pixels));
    feature_ = local_.data();
    const LocalBox box = kLocalBoxes[feature];
    const std::int64_t from = std::min(known_from(box.frames - 1), end_);
    std::fill_n(local_.data(), (from - begin_) * pixels, 0.0F);
    parallel_for(end_ - from, threads_, [&](std::int64_t first, std::int64_t last) {
      std::vector<float> sums(static_cast<std::size_t>(pixels));
      for (std::int64_t frame = from + first; frame < from + last; ++frame) {
        std::copy_n(row(frame), pixels, sums.data());
        for (std::int64_t back = 1; back < box.frames; ++back) {
          const float* other = row(frame - back);
          for (std::int64_t i = 0; i < pixels; ++i) sums[static_cast<std::size_t>(i)] += other[i];
        }
        sum_boxes(sums.data(), box.side / 2, local_.data() + (frame - begin_) * pixels);
      }
    });
  }
  const float* feature(std::int64_t frame) const { return feature_ + (frame - begin_) * bounds_.pixels(); }

 private:
  /// Absolute sums over the (2 radius + 1)^2 pixels around each one, cut at the borders.
  void sum_boxes(const float* in, std::int64_t radius, float* out) const {
    const std::int64_t h = bounds_.height;
    const std::int64_t w = bounds_.width;
    std::vector<float> columns(static_cast<std::size_t>(w));
    for (std::int64_t y = 0; y < h; ++y, out += w) {
      std::fill(columns.begin(), columns.end(), 0.0F);
      for (std::int64_t v = std::max<std::int64_t>(y - radius, 0); v <= std::min(y + radius, h - 1); ++v)
        for (std::int64_t x = 0; x < w; ++x) columns[static_cast<std::size_t>(x)] += in[v * w + x];
      for (std::int64_t x = 0; x < w; ++x) {
        float sum = 0;
        for (std::int64_t u = std::max<std::int64_t>(x - radius, 0); u <= std::min(x + radius, w - 1); ++u)
          sum += columns[static_cast<std::size_t>(u)];
        out[x] = std::abs(sum);
      }
    }
  }
  const float* row(std::int64_t frame) const {
    return contrast_.data() + (frame - begin_ + kReachMax) * bounds_.pixels();
  }

  const Stimulus& stimulus_;
  Window bounds_;
  int threads_;
  std::int64_t step_;
  std::int64_t begin_ = 0, end_ = 0, interval_ = 0;
  bool centred_ = false;
  float centre_ = 0;  // near the mean, so that boxes sum deviations and single precision is enough
  std::vector<float> raw_, contrast_, local_;
  const float* feature_ = nullptr;
};

/// Sums and sums of squares of one feature, a pixel each.
struct Moments {
  std::vector<double> sum, square;
  double frames = 0;

  /// Threads take tiles of pixels, each of which is summed in the order of time.
  void add(const Block& block, std::int64_t reach, std::int64_t pixels, int threads) {
    const std::int64_t from = block.known_from(reach);
    if (from >= block.end()) return;
    frames += static_cast<double>(block.end() - from);
    parallel_for((pixels + kTilePixels - 1) / kTilePixels, threads, [&](std::int64_t first, std::int64_t last) {
      std::vector<float> s(kTilePixels), q(kTilePixels);
      for (std::int64_t tile = first; tile < last; ++tile) {
        const std::int64_t begin = tile * kTilePixels;
        const std::int64_t n = std::min(kTilePixels, pixels - begin);
        for (std::int64_t frame = from; frame < block.end();) {
          const std::int64_t stop = std::min(frame + 64, block.end());
          std::fill(s.begin(), s.end(), 0.0F);
          std::fill(q.begin(), q.end(), 0.0F);
          for (; frame < stop; ++frame) {
            const float* x = block.feature(frame) + begin;
            for (std::int64_t i = 0; i < n; ++i) {
              s[static_cast<std::size_t>(i)] += x[i];
              q[static_cast<std::size_t>(i)] += x[i] * x[i];
            }
          }
          for (std::int64_t i = 0; i < n; ++i) {
            sum[static_cast<std::size_t>(begin + i)] += static_cast<double>(s[static_cast<std::size_t>(i)]);
            square[static_cast<std::size_t>(begin + i)] += static_cast<double>(q[static_cast<std::size_t>(i)]);
          }
        }
      }
    });
  }
};

template <class A>
void add_scaled(A* out, const float* values, float factor, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] += static_cast<A>(factor * values[i]);
}

/// Rows of a job's window that are summed by one thread at a time.
struct Piece {
  std::size_t job;
  std::int64_t row, rows;
};

template <class A>
void add_spikes(TriggeredSums<A>& sums, const Block& block, const std::vector<std::vector<Spike>>& spikes,
                const std::vector<Piece>& pieces, std::int64_t feature, std::int64_t reach, int threads) {
  const Window& bounds = sums.bounds;
  const std::int64_t last_lag = sums.first_lag + sums.lags - 1;
  const auto add = [&](const Piece& piece) {
    TriggeredSum<A>& job = sums.jobs[piece.job];
    const Window& window = job.window;
    const std::vector<Spike>& list = spikes[piece.job];
    const std::int64_t offset = (window.y - bounds.y + piece.row) * bounds.width + window.x - bounds.x;
    for (std::int64_t lag = sums.first_lag; lag <= last_lag - reach; ++lag) {
      A* out =
          job.sums.data() + ((feature * sums.lags + lag - sums.first_lag) * window.height + piece.row) * window.width;
      auto spike = std::lower_bound(list.begin(), list.end(), block.begin() + lag,
                                    [](const Spike& s, std::int64_t frame) { return s.frame < frame; });
      for (; spike != list.end() && spike->frame < block.end() + lag; ++spike) {
        const float* in = block.feature(spike->frame - lag) + offset;
        if (window.width == bounds.width)
          add_scaled(out, in, spike->count, piece.rows * window.width);
        else
          for (std::int64_t y = 0; y < piece.rows; ++y)
            add_scaled(out + y * window.width, in + y * bounds.width, spike->count, window.width);
      }
    }
  };
  parallel_for(static_cast<std::int64_t>(pieces.size()), threads, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) add(pieces[static_cast<std::size_t>(i)]);
  });
}

/// Takes the mean off the sums and turns the moments into variances.
template <class A>
void centre(TriggeredSums<A>& sums, const std::vector<Moments>& moments) {
  const Window& bounds = sums.bounds;
  const auto pixels = static_cast<std::size_t>(bounds.pixels());
  sums.variance.assign(static_cast<std::size_t>(sums.features) * pixels, 0.0);
  const auto mean = [&](std::size_t feature, std::size_t pixel) {
    return moments[feature].frames > 0 ? moments[feature].sum[pixel] / moments[feature].frames : 0.0;
  };
  for (std::size_t f = 0; f < moments.size(); ++f) {
    for (std::size_t i = 0; i < pixels; ++i) {
      if (moments[f].frames == 0) continue;
      const double square = moments[f].square[i] / moments[f].frames;
      const double variance = square - mean(f, i) * mean(f, i);
      if (variance > kVarianceMin * square) sums.variance[f * pixels + i] = variance;
    }
  }
  for (TriggeredSum<A>& job : sums.jobs) {
    A* out = job.sums.data();
    for (std::size_t f = 0; f < moments.size(); ++f) {
      const std::int64_t reach = feature_reach(sums.kind, f);
      for (std::int64_t lag = 0; lag < sums.lags; ++lag)
        for (std::int64_t y = job.window.y; y < job.window.y + job.window.height; ++y)
          for (std::int64_t x = job.window.x; x < job.window.x + job.window.width; ++x, ++out) {
            const auto pixel = static_cast<std::size_t>((y - bounds.y) * bounds.width + x - bounds.x);
            if (lag < sums.lags - reach) *out -= static_cast<A>(job.spikes * mean(f, pixel));
          }
    }
  }
}

}  // namespace

template <class A>
TriggeredSums<A> triggered_sums(const Recording& recording, std::span<const TriggeredJob> jobs,
                                std::span<const Range> bins, std::int64_t first_lag, std::int64_t last_lag,
                                TriggeredKind kind, const Context& context) {
  if (last_lag < first_lag || last_lag < 0)
    throw InternalError("triggered_sums: no lags, or none at the spike or before");
  TriggeredSums<A> sums;
  sums.kind = kind;
  sums.features = kind == TriggeredKind::local ? static_cast<std::int64_t>(kLocalBoxes.size()) : 1;
  sums.lags = last_lag - first_lag + 1;
  sums.first_lag = first_lag;
  if (jobs.empty()) return sums;
  sums.bounds = around(jobs);
  const Plan plan = make_plan(recording, jobs, bins, first_lag, last_lag);

  std::vector<std::vector<Spike>> spikes(jobs.size());
  std::vector<Piece> pieces;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    check_stop(context);
    TriggeredSum<A> job;
    job.cell = jobs[j].cell;
    job.window = jobs[j].window;
    job.sums.assign(static_cast<std::size_t>(sums.features * sums.lags * job.window.pixels()), A{});
    double squares = 0;
    for (std::size_t i = 0; i < plan.frames.size(); ++i) {
      const double count = plan.counts[j][i];
      if (count > 0) spikes[j].push_back({plan.frames[i], static_cast<float>(count)});
      job.spikes += count;
      squares += count * count;
    }
    const double mean = plan.frames.empty() ? 0 : job.spikes / static_cast<double>(plan.frames.size());
    job.spread = squares - job.spikes * mean;
    job.correlation = count_correlation(plan, plan.counts[j], mean, job.spread, sums.lags);
    const std::int64_t rows = std::max<std::int64_t>(kTilePixels / job.window.width, 1);
    for (std::int64_t row = 0; row < job.window.height; row += rows)
      pieces.push_back({j, row, std::min(rows, job.window.height - row)});
    sums.jobs.push_back(std::move(job));
  }

  const auto pixels = static_cast<std::size_t>(sums.bounds.pixels());
  std::vector<Moments> moments(static_cast<std::size_t>(sums.features));
  for (Moments& each : moments) {
    each.sum.assign(pixels, 0.0);
    each.square.assign(pixels, 0.0);
  }
  const int threads = threads_of(context);
  Block block(*recording.stimulus, sums.bounds, threads);
  for (const Range& interval : plan.intervals)
    for (std::int64_t begin = interval.begin; begin < interval.end; begin += block.step()) {
      block.read(begin, std::min(begin + block.step(), interval.end), interval.begin);
      for (std::size_t f = 0; f < moments.size(); ++f) {
        check_stop(context);
        block.choose(kind, f);
        moments[f].add(block, feature_reach(kind, f), sums.bounds.pixels(), threads);
        add_spikes(sums, block, spikes, pieces, static_cast<std::int64_t>(f), feature_reach(kind, f), threads);
      }
    }
  centre(sums, moments);
  return sums;
}

template TriggeredSums<float> triggered_sums<float>(const Recording&, std::span<const TriggeredJob>,
                                                    std::span<const Range>, std::int64_t, std::int64_t, TriggeredKind,
                                                    const Context&);
template TriggeredSums<double> triggered_sums<double>(const Recording&, std::span<const TriggeredJob>,
                                                      std::span<const Range>, std::int64_t, std::int64_t, TriggeredKind,
                                                      const Context&);

}  // namespace plexiform
