#include "plexiform/recording/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/recording/thresholds.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kBlockValues = 4 << 20;  // of the old stimulus, in memory at a time

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

bool alike(double a, double b) {
  return std::abs(a - b) <= thresholds::recording::kSameGeometry * a;
}

/// How many old frames make a new one.
std::int64_t frames_each(const Geometry& from, const Geometry& to) {
  const double ratio = from.frame_rate / to.frame_rate;
  const auto whole = std::llround(ratio);
  if (whole >= 1 && alike(static_cast<double>(whole), ratio)) return whole;
  throw Error(ErrorKind::data,
              "frames at " + number(from.frame_rate) + " Hz cannot be turned into frames at " + number(to.frame_rate) +
                  " Hz, expected a whole number of them for each",
              "counts cannot be divided: fit the model at the slower rate, or import at a rate that is a multiple");
}

/// Which old pixels a new one covers along an axis, and how much of it each fills.
struct Cover {
  std::int64_t first = 0;
  std::vector<float> shares;
};

/// Side of a new pixel in old ones.
double pixels_each(const Geometry& from, const Geometry& to) {
  return from.pixel_um && to.pixel_um ? *to.pixel_um / *from.pixel_um : 1;
}

/// `step`: see pixels_each; the borders of old pixels are 0, 1, .., old_size.
std::vector<Cover> covers_of(std::int64_t old_size, std::int64_t new_size, double step) {
  std::vector<Cover> covers;
  for (std::int64_t i = 0; i < new_size; ++i) {
    const double begin =
        static_cast<double>(old_size) / 2 + step * (static_cast<double>(i) - static_cast<double>(new_size) / 2);
    const double low = std::max(begin, 0.0), high = std::min(begin + step, static_cast<double>(old_size));
    Cover& cover = covers.emplace_back();
    if (!(high > low)) continue;
    cover.first = static_cast<std::int64_t>(std::floor(low));
    for (auto pixel = cover.first; static_cast<double>(pixel) < high; ++pixel)
      cover.shares.push_back(static_cast<float>(
          (std::min(high, static_cast<double>(pixel + 1)) - std::max(low, static_cast<double>(pixel))) / step));
  }
  return covers;
}

/// The old pixels that some new ones need.
Range span_of(const std::vector<Cover>& covers, std::int64_t begin, std::int64_t end) {
  Range all{-1, -1};
  for (std::int64_t i = begin; i < end; ++i) {
    const Cover& cover = covers[static_cast<std::size_t>(i)];
    if (cover.shares.empty()) continue;
    if (all.begin < 0) all.begin = cover.first;
    all.end = cover.first + static_cast<std::int64_t>(cover.shares.size());
  }
  return all.begin < 0 ? Range{0, 0} : all;
}

class RescaledStimulus final : public Stimulus {
 public:
  RescaledStimulus(std::shared_ptr<const Stimulus> old, const Geometry& from, const Geometry& to)
      : old_(std::move(old)), shape_(to.shape), each_(frames_each(from, to)) {
    const double step = pixels_each(from, to);
    rows_ = covers_of(from.shape.height, shape_.height, step);
    columns_ = covers_of(from.shape.width, shape_.width, step);
  }

  FrameShape shape() const override { return shape_; }
  std::int64_t frames() const override { return old_->frames() == kEndless ? kEndless : old_->frames() / each_; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    std::ranges::fill(out, 0.0F);
    const Range y = span_of(rows_, window.y, window.y + window.height),
                x = span_of(columns_, window.x, window.x + window.width);
    if (y.size() == 0 || x.size() == 0) return;
    const Window needed{y.begin, x.begin, y.size(), x.size()};
    const std::int64_t values = shape_.channels * needed.pixels();
    const std::int64_t step = std::max<std::int64_t>(kBlockValues / (values * each_), 1);
    std::vector<float> old;
    for (std::int64_t t = begin; t < end; t += step) {
      const std::int64_t last = std::min(t + step, end);
      old.resize(static_cast<std::size_t>((last - t) * each_ * values));
      old_->read(t * each_, last * each_, needed, old);
      for (std::int64_t i = t; i < last; ++i)
        one_frame(std::span(old).subspan(static_cast<std::size_t>((i - t) * each_ * values)), needed, window,
                  out.subspan(static_cast<std::size_t>((i - begin) * shape_.channels * window.pixels())));
    }
  }

  void one_frame(std::span<const float> old, const Window& needed, const Window& window, std::span<float> out) const {
    std::vector<float> mean(static_cast<std::size_t>(shape_.channels * needed.pixels()));
    for (std::int64_t k = 0; k < each_; ++k)
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] += old[static_cast<std::size_t>(k) * mean.size() + i] / static_cast<float>(each_);
    auto to = out.begin();
    for (std::int64_t c = 0; c < shape_.channels; ++c)
      for (std::int64_t y = window.y; y < window.y + window.height; ++y)
        for (std::int64_t x = window.x; x < window.x + window.width; ++x)
          *to++ = covered(mean, c * needed.pixels(), needed, rows_[static_cast<std::size_t>(y)],
                          columns_[static_cast<std::size_t>(x)]);
  }

  static float covered(std::span<const float> frame, std::int64_t offset, const Window& of, const Cover& row,
                       const Cover& column) {
    float sum = 0;
    for (std::size_t v = 0; v < row.shares.size(); ++v)
      for (std::size_t u = 0; u < column.shares.size(); ++u) {
        const auto y = row.first - of.y + static_cast<std::int64_t>(v),
                   x = column.first - of.x + static_cast<std::int64_t>(u);
        sum += row.shares[v] * column.shares[u] * frame[static_cast<std::size_t>(offset + y * of.width + x)];
      }
    return sum;
  }

  std::shared_ptr<const Stimulus> old_;
  FrameShape shape_;
  std::int64_t each_;
  std::vector<Cover> rows_, columns_;  ///< [new row], [new column]
};

/// Appends the new bins of a stretch of old ones that lies in one segment.
void take(const Recording& old, const Segment& segment, const Range& bins, std::int64_t each, Recording& to,
          std::vector<std::vector<std::int32_t>>& counts) {
  const auto up = [each](std::int64_t frame) { return (frame + each - 1) / each; };
  const std::int64_t first_old = segment.first_frame + bins.begin - segment.start, end_old = first_old + bins.size();
  const std::int64_t first = up(first_old), end = end_old / each;
  if (first >= end) return;
  const auto start = static_cast<std::int64_t>(counts.front().size());
  to.segments.push_back({start, end - first, first, up(segment.history_begin), segment.repeat});
  for (std::int64_t cell = 0; cell < old.cells(); ++cell) {
    const auto row = old.counts.row(cell);
    for (std::int64_t frame = first; frame < end; ++frame) {
      std::int32_t sum = 0;
      for (std::int64_t k = 0; k < each; ++k)
        sum += row[static_cast<std::size_t>(segment.start + frame * each + k - segment.first_frame)];
      counts[static_cast<std::size_t>(cell)].push_back(sum);
    }
  }
}

}  // namespace

Geometry geometry_of(const Recording& recording) {
  return {recording.stimulus->shape(), bins_per_second(recording), recording.pixel_um};
}

bool same_geometry(const Geometry& a, const Geometry& b) {
  return a.shape == b.shape && alike(a.frame_rate, b.frame_rate) &&
         (!a.pixel_um || !b.pixel_um || alike(*a.pixel_um, *b.pixel_um));
}

void require_same_geometry(const std::string& name_a, const Geometry& a, const std::string& name_b, const Geometry& b) {
  const auto refuse = [&](const std::string& what, const std::string& one, const std::string& other) {
    throw Error(ErrorKind::data,
                "the " + what + " of " + name_a + " is " + one + ", of " + name_b + " " + other +
                    ", so filters do not carry over",
                "rescaling shows each model the other stimulus on the grid and at the rate of its own")
        .mended_by("rescale");
  };
  const auto grid = [](const FrameShape& s) {
    return std::to_string(s.channels) + " x " + std::to_string(s.height) + " x " + std::to_string(s.width);
  };
  if (same_geometry(a, b)) return;
  if (a.shape != b.shape) refuse("grid (channels x rows x columns)", grid(a.shape), grid(b.shape));
  if (!alike(a.frame_rate, b.frame_rate))
    refuse("frame rate", number(a.frame_rate) + " Hz", number(b.frame_rate) + " Hz");
  refuse("pixel size", number(*a.pixel_um) + " um", number(*b.pixel_um) + " um");
}

Recording rescaled(const Recording& recording, std::span<const Range> bins, const Geometry& to) {
  const Geometry from = geometry_of(recording);
  if (from.shape.channels != to.shape.channels)
    throw Error(ErrorKind::data, "the stimulus has " + std::to_string(from.shape.channels) + " channels, expected " +
                                     std::to_string(to.shape.channels));
  if (from.shape != to.shape && (!from.pixel_um || !to.pixel_um))
    throw Error(ErrorKind::data, "the grids differ, and the size of a pixel is not known of both",
                "state it where the recordings are imported")
        .mended_by("pixel_um", "30");
  const double step = pixels_each(from, to);
  const auto side = [](const FrameShape& s) { return static_cast<double>(std::max(s.height, s.width)); };
  if (step > side(from.shape) || 1 / step > side(to.shape))
    throw Error(ErrorKind::data,
                "a pixel of " + number(from.pixel_um.value_or(0)) + " um is shown on a grid of pixels of " +
                    number(to.pixel_um.value_or(0)) + " um, so that one pixel covers all of the other grid",
                "are both sizes in micrometres?");
  Recording seen = recording;
  const std::int64_t each = frames_each(from, to);
  show(seen, std::make_shared<RescaledStimulus>(recording.stimulus, from, to));
  seen.record.reset();
  seen.recipe.reset();
  seen.truth.clear();
  seen.segments.clear();
  seen.frame_rate = to.frame_rate;
  seen.pixel_um = to.pixel_um ? to.pixel_um : from.pixel_um;
  std::vector<std::vector<std::int32_t>> counts(static_cast<std::size_t>(recording.cells()));
  for (const Range& range : bins)
    for (const Segment& segment : recording.segments) {
      const Range part{std::max(range.begin, segment.start), std::min(range.end, segment.start + segment.length)};
      if (part.size() > 0) take(recording, segment, part, each, seen, counts);
    }
  const auto length = static_cast<std::int64_t>(counts.front().size());
  if (length == 0)
    throw Error(ErrorKind::data,
                "no " + std::to_string(each) + " frames in a row make one at " + number(to.frame_rate) + " Hz");
  seen.counts = NdArray<std::int32_t>({recording.cells(), length});
  for (std::size_t cell = 0; cell < counts.size(); ++cell)
    std::ranges::copy(counts[cell], seen.counts.row(static_cast<std::int64_t>(cell)).begin());
  const auto moved = [&](const Place& place) {
    const auto along = [step](double at, std::int64_t old_size, std::int64_t new_size) {
      return (at + 0.5 - static_cast<double>(old_size) / 2) / step + static_cast<double>(new_size) / 2 - 0.5;
    };
    return Place{along(place.x, from.shape.width, to.shape.width), along(place.y, from.shape.height, to.shape.height)};
  };
  for (Place& centre : seen.centers) centre = moved(centre);
  for (Contour& contour : seen.contours)
    for (Place& place : contour) place = moved(place);
  seen.source += "; seen on " + std::to_string(to.shape.height) + " x " + std::to_string(to.shape.width) +
                 " pixels at " + number(to.frame_rate) + " Hz";
  validate(seen);
  return seen;
}

}  // namespace plexiform
