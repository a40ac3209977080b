#include "plexiform/reveal/structure.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/reveal/block_rows.hpp"
#include "plexiform/reveal/scores.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

constexpr std::uint32_t kNoBin = 0xffffffff;

void check_settings(const OneFilterSettings& settings) {
  if (settings.draws < 2 || 1.0 / (1 + settings.draws) > settings.alpha)
    throw Error(ErrorKind::usage,
                "the test of structure: " + std::to_string(settings.draws) + " draws cannot reach alpha " +
                    std::to_string(settings.alpha),
                "draw at least 1 / alpha - 1 times");
  if (settings.alike < 2 || settings.alike > 255)
    throw Error(ErrorKind::usage,
                "the test of structure: alike is " + std::to_string(settings.alike) + ", expected 2 to 255");
}

/// Blocks spread evenly over the recording, all of them where spikes are not more than ample.
FramesSeen frames_seen(const Movie& movie) {
  FramesSeen seen;
  const double share = std::min(1.0, kAmpleSpikes / std::max(movie.spikes(), 1.0));
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const auto before = static_cast<std::size_t>(share * static_cast<double>(b) + 1e-9),
               after = static_cast<std::size_t>(share * static_cast<double>(b + 1) + 1e-9);
    if (after == before) continue;
    seen.blocks.push_back(b);
    const Block& block = movie.blocks[b];
    for (std::size_t t = block.begin; t < block.begin + block.length; ++t) {
      if (!(movie.use[t] > 0)) continue;
      seen.frames.push_back(static_cast<std::uint32_t>(t));
      seen.spikes += static_cast<double>(movie.counts[t]);
    }
  }
  return seen;
}

std::string whole(double number) {
  return std::to_string(static_cast<std::int64_t>(number));
}

/// Why nothing can be tested, before anything is fitted.
std::string obstacle(const Movie& movie, const FramesSeen& seen) {
  if (seen.frames.size() < kLeastFrames)
    return "too few frames: " + std::to_string(seen.frames.size()) + ", expected " + std::to_string(kLeastFrames) +
           " or more";
  if (seen.spikes < kLeastSpikes)
    return "too few spikes: " + whole(seen.spikes) + ", expected " + whole(kLeastSpikes) + " or more";
  double off_mode = 0;  // frames whose count is not the usual one
  const float usual = seen.spikes > 0.5 * static_cast<double>(seen.frames.size()) ? 1.0F : 0.0F;
  for (const auto t : seen.frames) off_mode += movie.counts[t] != usual ? 1 : 0;
  if (off_mode < kLeastSpikes)
    return "counts hardly vary: all but " + whole(off_mode) + " of " + std::to_string(seen.frames.size()) +
           " frames have the same";
  return {};
}

/// What the movie of some blocks is like in time.
struct InTime {
  double held = 0;  ///< share of frames that are the same as the one before
  double lags = 1;  ///< share of directions among lags that have power
};
InTime in_time(const Movie& movie, const FramesSeen& seen) {
  const auto lags = static_cast<std::size_t>(movie.lags);
  const std::size_t blocks = std::min(kLagBlocks, seen.blocks.size()),
                    each = (movie.series() + kLagPixels - 1) / kLagPixels;
  Vector covariance = Vector::Zero(static_cast<Index>(lags));
  double frames = 0, same = 0;
  Buffer space;
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t b = seen.blocks[i * seen.blocks.size() / blocks], length = movie.blocks[b].length;
    const float* rows = movie.rows(b, space);
    std::vector<char> changed(length, 0);
    for (std::size_t s = 0; s < movie.series(); s += each) {
      const float* x = rows + s * movie.stride() + lags - 1;  // frame 0 of the block
      for (std::size_t t = 0; t < length; ++t) {
        for (std::size_t l = 0; l < lags; ++l)
          covariance[static_cast<Index>(l)] += static_cast<double>(x[t] * *(x + t - l));
        if (lags > 1 && x[t] != *(x + t - 1)) changed[t] = 1;
      }
    }
    frames += static_cast<double>(length), same += static_cast<double>(std::ranges::count(changed, 0));
  }
  Matrix toeplitz(covariance.size(), covariance.size());
  for (Index i = 0; i < covariance.size(); ++i)
    for (Index j = 0; j < covariance.size(); ++j) toeplitz(i, j) = covariance[std::abs(i - j)];
  const Vector powers = Eigen::SelfAdjointEigenSolver<Matrix>(toeplitz).eigenvalues();
  const auto kept = (powers.array() > kLeastPower * powers.maxCoeff()).count();
  return {lags > 1 ? same / frames : 0, static_cast<double>(kept) / static_cast<double>(lags)};
}

std::string percent(double share) {
  return std::to_string(std::lround(100 * share)) + " %";
}

/// Why a stimulus cannot be told in time.
std::string obstacle_in_time(const Movie& movie, const FramesSeen& seen) {
  const InTime time = in_time(movie, seen);
  if (time.held > kMostHeld)
    return percent(time.held) +
           " of the frames show the same as the one before; bins as long as an image stays could be tested";
  if (time.lags < kLeastLags)
    return "the stimulus is too slow: among its lags " + percent(1 - time.lags) + " of the directions have no power";
  return {};
}

/// What a bin has in all its frames.
struct BinNumbers {
  std::vector<float> feature;   ///< [bin], factor of features, times the root of the weight
  std::vector<float> linear;    ///< [bin], F' times the root of the weight
  std::vector<float> root;      ///< [bin], root of the weight: 1 over the counts' standard deviation
  std::vector<float> position;  ///< [bin], rank of its mean drive among all frames, 0 to 1
};

/// Rows of a block's frames: features, what is taken out of them, and the counts' residuals, drawn ones too.
class ScoreRows {
 public:
  ScoreRows(const Movie& movie, const Basis& basis, const FramesSeen& seen, const OneFilter& filter,
            const OneFilterSettings& settings, std::uint64_t seed, const Context& context)
      : movie_(movie),
        basis_(basis),
        seen_(seen),
        filter_(filter),
        context_(context),
        linear_(movie, basis, filter.pixels),
        directions_(directions(basis.count())) {
    const double unit = filter_places(movie).size / kFilterSize;
    for (const double size : kFeatureSizes)
      features_.emplace_back(places_over(movie.height, movie.width, size * unit, kFeatureSpacing * size * unit),
                             movie.height, movie.width);
    for (const auto& f : basis.functions) taps_.push_back(newest_last(f, basis.channels, basis.lags));
    for (const auto t : seen.frames) counts_.push_back(movie.counts[t]);
    bins_ = bins_of(filter.drive, settings.alike, settings.stretch);
    sources_ = exchanges(bins_, counts_, settings.draws, seed, context);
    fill_bin_numbers();
    of_padded_.assign(movie.padded_frames(), {kNoBin, 0});
    for (std::size_t b = 0; b < bins_.count(); ++b)
      for (auto r = bins_.first[b]; r < bins_.first[b + 1]; ++r)
        of_padded_[seen.frames[bins_.order[r]]] = {static_cast<std::uint32_t>(b), r};
    for (const auto& places : features_) feature_count_ += places.count() * directions_.size();
    taken_out_ = linear_.count() + basis.count() * basis.channels * basis.lags + kHats;
  }

  /// Variance of the counts about F over their mean.
  double dispersion() const { return dispersion_; }

  /// Sums of one group of blocks.
  struct Group {
    std::vector<double> features_by, taken_out_by;    ///< [row][taken out, then draw]
    std::vector<double> square;                       ///< [feature]
    std::vector<float> feature_bins, taken_out_bins;  ///< [row][bin], sums over the bin's frames
  };
  /// Adds a block's products.
  void add_block(std::size_t b, BlockSpace& space, Group& sums) const;
  /// Of rows less their means in bins. What residuals are multiplied with need not be centred: they sum to 0 in each
  /// bin.
  ScoreSums centred(Group&& all) const;
  /// So many groups of blocks that their sums fit into kSumBytes.
  std::size_t groups() const {
    const std::size_t width = taken_out_ + sources_.size(), rows = feature_count_ + taken_out_;
    const std::size_t bytes = rows * (width * sizeof(double) + bins_.count() * sizeof(float));
    return std::clamp<std::size_t>(kSumBytes / bytes, 1, std::min<std::size_t>(16, seen_.blocks.size()));
  }

 private:
  struct Place {
    std::uint32_t bin, rank;
  };

  void fill_bin_numbers() {
    const auto order = by_drive(filter_.drive);
    const Curve rate = smooth_curve(filter_.drive, order, counts_);
    std::vector<float> squares(counts_.size());
    double sum = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const double r = static_cast<double>(counts_[i]) - point_of(rate, static_cast<double>(filter_.drive[i])).value;
      squares[i] = static_cast<float>(r * r), sum += r * r;
    }
    dispersion_ = sum / seen_.spikes;
    const double mean = sum / static_cast<double>(counts_.size());
    const Curve variance = smooth_curve(filter_.drive, order, squares);
    residuals_.resize(counts_.size());
    for (std::size_t b = 0; b < bins_.count(); ++b) {
      const auto first = bins_.first[b], last = bins_.first[b + 1];
      double drive = 0, count = 0;
      bool varies = false;
      for (auto r = first; r < last; ++r) {
        drive += static_cast<double>(filter_.drive[bins_.order[r]]);
        count += static_cast<double>(counts_[bins_.order[r]]);
        varies = varies || counts_[bins_.order[r]] != counts_[bins_.order[first]];
      }
      const auto frames = static_cast<double>(last - first);
      drive /= frames, count /= frames;
      const CurvePoint f = point_of(rate, drive);
      const double root = varies ? 1 / std::sqrt(std::max(point_of(variance, drive).value, kLeastVariance * mean)) : 0;
      numbers_.root.push_back(static_cast<float>(root));
      numbers_.linear.push_back(static_cast<float>(root * f.slope));
      numbers_.feature.push_back(static_cast<float>(root * std::sqrt(std::max(f.value, 0.0))));
      const auto below = std::ranges::lower_bound(rate.at, drive) - rate.at.begin();
      numbers_.position.push_back(static_cast<float>(below) / static_cast<float>(rate.at.size()));
      for (auto r = first; r < last; ++r)
        residuals_[r] = static_cast<float>((static_cast<double>(counts_[bins_.order[r]]) - count) * root);
    }
  }

  /// What might be added to the drive, times F': the filter's own elements; the filter's weights with other lags; and
  /// hats over the drive itself, which make up for a slope that was smoothed too much.
  void fill_taken_out(std::size_t b, const float* movie, const float* of_linear, BlockSpace& space, float* to) const {
    const std::size_t n = row_length(movie_.blocks[b].length), stride = movie_.stride();
    const std::size_t channels = basis_.channels, lags = basis_.lags, pixels = movie_.pixels();
    linear_.fill(movie_, movie, n, space, to);
    float* row = to + linear_.count() * n;
    float* through = space.values.at_least(basis_.count() * stride);
    const std::vector<float> weights(filter_.weights.begin(), filter_.weights.end());
    std::vector<const float*> from(pixels);
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) from[p] = movie + (c * pixels + p) * stride;
      kernels::weighted_rows(from.data(), pixels, weights.data(), basis_.count(), stride, through, stride);
      for (std::size_t k = 0; k < basis_.count(); ++k)
        for (std::size_t l = 0; l < lags; ++l, row += n) std::copy_n(through + k * stride + l, n, row);
    }
    for (float* r = to; r < row; r += n) kernels::multiply_row(r, of_linear, n, false, r);
    fill_hats(movie_.blocks[b], n, row);
  }

  void fill_hats(const Block& block, std::size_t n, float* to) const {
    std::fill_n(to, kHats * n, 0.0F);
    for (std::size_t t = 0; t < block.length; ++t) {
      const Place place = of_padded_[block.begin + t];
      if (place.bin == kNoBin) continue;
      const double x = static_cast<double>(numbers_.position[place.bin]) * static_cast<double>(kHats - 1);
      const auto at = std::min(static_cast<std::size_t>(x), kHats - 2);
      const double part = x - static_cast<double>(at);
      const double drive = static_cast<double>(filter_.drive[bins_.order[place.rank]] * numbers_.root[place.bin]);
      to[at * n + t] = static_cast<float>((1 - part) * drive), to[(at + 1) * n + t] = static_cast<float>(part * drive);
    }
  }

  void fill_draws(const Block& block, const Place* places, std::size_t n, float* to) const {
    std::fill_n(to, sources_.size() * n, 0.0F);
    for (std::size_t d = 0; d < sources_.size(); ++d)
      for (std::size_t t = 0; t < block.length; ++t)
        if (places[t].bin != kNoBin)
          to[d * n + t] = residuals_[bins_.first[places[t].bin] + sources_[d][places[t].rank]];
  }

  const Movie& movie_;
  const Basis& basis_;
  const FramesSeen& seen_;
  const OneFilter& filter_;
  const Context& context_;
  FilterSpace linear_;
  std::vector<PlaceRows> features_;
  std::vector<std::vector<double>> directions_;
  std::vector<std::vector<float>> taps_;
  std::vector<float> counts_;     ///< [frame]
  std::vector<float> residuals_;  ///< [rank in order], over their standard deviation
  DriveBins bins_;
  BinNumbers numbers_;
  std::vector<std::vector<std::uint8_t>> sources_;
  std::vector<Place> of_padded_;  ///< [padded frame]
  std::size_t feature_count_ = 0, taken_out_ = 0;
  double dispersion_ = 1;
};

void ScoreRows::add_block(std::size_t b, BlockSpace& space, Group& sums) const {
  const std::size_t width = taken_out_ + sources_.size(), bins = bins_.count();
  if (sums.square.empty()) {
    sums.features_by.assign(feature_count_ * width, 0), sums.taken_out_by.assign(taken_out_ * width, 0);
    sums.square.assign(feature_count_, 0);
    sums.feature_bins.assign(feature_count_ * bins, 0), sums.taken_out_bins.assign(taken_out_ * bins, 0);
  }
  const Block& block = movie_.blocks[b];
  const std::size_t n = row_length(block.length), stride = movie_.stride();
  const float* movie = movie_.rows(b, space.movie);
  // Factors of this block's frames.
  float* factors = space.frames.zeroed(2 * n);
  float *of_feature = factors, *of_linear = factors + n;
  const Place* places = of_padded_.data() + block.begin;
  for (std::size_t t = 0; t < block.length; ++t) {
    if (places[t].bin == kNoBin) continue;
    of_feature[t] = numbers_.feature[places[t].bin], of_linear[t] = numbers_.linear[places[t].bin];
  }
  const auto to_bins = [&](const float* row, float* to) {
    for (std::size_t t = 0; t < block.length; ++t)
      if (places[t].bin != kNoBin) to[places[t].bin] += row[t];
  };
  float* right = space.slopes.at_least(width * n);  // what is taken out, then the draws: [row][frame]
  fill_taken_out(b, movie, of_linear, space, right);
  fill_draws(block, places, n, right + taken_out_ * n);
  for (std::size_t i = 0; i < taken_out_; ++i) to_bins(right + i * n, &sums.taken_out_bins[i * bins]);
  std::vector<double> gram(taken_out_ * taken_out_, 0.0), slopes(taken_out_ * sources_.size(), 0.0);
  kernels::row_gram({right, taken_out_, n}, n, gram.data());
  kernels::row_products({right, taken_out_, n}, {right + taken_out_ * n, sources_.size(), n}, n, slopes.data());
  for (std::size_t i = 0; i < taken_out_; ++i) {
    double* to = &sums.taken_out_by[i * width];
    for (std::size_t j = 0; j <= i; ++j) to[j] += gram[i * taken_out_ + j];
    for (std::size_t d = 0; d < sources_.size(); ++d) to[taken_out_ + d] += slopes[i * sources_.size() + d];
  }
  std::size_t first = 0;
  for (const auto& grid : features_) {
    float* seen_by = space.projected.at_least(basis_.channels * grid.count() * stride);
    grid.project(movie_, movie, space.scratch, seen_by);
    for (std::size_t p = 0; p < grid.count(); ++p, first += directions_.size()) {
      float* rows = space.rows.at_least((basis_.count() + directions_.size()) * n);
      float* functions = rows + directions_.size() * n;
      for (std::size_t k = 0; k < basis_.count(); ++k)
        filter_channels(taps_[k], basis_.channels, basis_.lags, seen_by + p * stride, grid.count() * stride, n,
                        functions + k * n);
      for (std::size_t q = 0; q < directions_.size(); ++q) {
        float* row = rows + q * n;
        std::fill_n(row, n, 0.0F);
        for (std::size_t k = 0; k < basis_.count(); ++k) {
          const auto share = static_cast<float>(directions_[q][k]);
          if (share == 0) continue;
          for (std::size_t t = 0; t < n; ++t) row[t] += share * functions[k * n + t];
        }
        for (std::size_t t = 0; t < n; ++t) row[t] = std::abs(row[t]) * of_feature[t];
        sums.square[first + q] += kernels::row_product(row, row, n);
        to_bins(row, &sums.feature_bins[(first + q) * bins]);
      }
      kernels::row_products({rows, directions_.size(), n}, {right, width, n}, n, &sums.features_by[first * width]);
    }
  }
}

ScoreSums ScoreRows::centred(Group&& all) const {
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto features = static_cast<Index>(feature_count_), taken = static_cast<Index>(taken_out_),
             bins = static_cast<Index>(bins_.count()), width = taken + static_cast<Index>(sources_.size());
  Eigen::Map<Floats> of_features(all.feature_bins.data(), features, bins);
  Eigen::Map<Floats> of_taken(all.taken_out_bins.data(), taken, bins);
  for (Index b = 0; b < bins; ++b) {
    const auto at = static_cast<std::size_t>(b);
    const float root = std::sqrt(static_cast<float>(bins_.first[at + 1] - bins_.first[at]));
    of_features.col(b) /= root, of_taken.col(b) /= root;
  }
  Eigen::Map<Matrix>(all.features_by.data(), features, width).leftCols(taken) -=
      (of_features * of_taken.transpose()).cast<double>();
  Eigen::Map<Matrix> taken_out_by(all.taken_out_by.data(), taken, width);
  const Matrix lower = taken_out_by.leftCols(taken);  // only that half was summed
  taken_out_by.leftCols(taken) = lower.selfadjointView<Eigen::Lower>();
  taken_out_by.leftCols(taken) -= (of_taken * of_taken.transpose()).cast<double>();
  Eigen::Map<Vector>(all.square.data(), features) -= of_features.rowwise().squaredNorm().cast<double>();
  return {feature_count_,       taken_out_, sources_.size(), std::move(all.features_by), std::move(all.taken_out_by),
          std::move(all.square)};
}

/// Over all blocks seen; groups of them side by side, added in order.
ScoreSums score_sums(const ScoreRows& rows, const FramesSeen& seen, const Context& context) {
  const std::size_t blocks = seen.blocks.size(), count = rows.groups();
  std::vector<ScoreRows::Group> sums(count);
  parallel_for(static_cast<std::int64_t>(count), threads_of(context), [&](std::int64_t begin, std::int64_t end) {
    BlockSpace space;
    for (auto g = static_cast<std::size_t>(begin); g < static_cast<std::size_t>(end); ++g)
      for (std::size_t i = g * blocks / count; i < (g + 1) * blocks / count; ++i) {
        check_stop(context);
        rows.add_block(seen.blocks[i], space, sums[g]);
      }
  });
  ScoreRows::Group all = std::move(sums.front());
  const auto add = [](auto& to, const auto& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  for (std::size_t g = 1; g < count; ++g) {
    add(all.features_by, sums[g].features_by), add(all.taken_out_by, sums[g].taken_out_by);
    add(all.square, sums[g].square);
    add(all.feature_bins, sums[g].feature_bins), add(all.taken_out_bins, sums[g].taken_out_bins);
    sums[g] = {};
  }
  return rows.centred(std::move(all));
}

/// Bits per spike that a feature with this z gains.
double bits_of(double z, double dispersion, double spikes) {
  return 0.5 * z * z * dispersion / (std::numbers::ln2 * spikes);
}

}  // namespace

DriveBins bins_of(std::span<const float> drive, std::size_t alike, std::size_t stretch) {
  const std::size_t frames = drive.size(),
                    stretches = std::max<std::size_t>(frames / std::max<std::size_t>(stretch, 1), 1);
  DriveBins bins;
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t begin = s * frames / stretches, length = (s + 1) * frames / stretches - begin;
    const auto order = by_drive(drive.subspan(begin, length));
    const std::size_t count = std::max<std::size_t>(length / alike, 1);
    for (std::size_t b = 0; b < count; ++b)
      bins.first.push_back(static_cast<std::uint32_t>(begin + b * length / count));
    for (const auto i : order) bins.order.push_back(static_cast<std::uint32_t>(begin) + i);
  }
  bins.first.push_back(static_cast<std::uint32_t>(frames));
  return bins;
}

std::vector<std::vector<std::uint8_t>> exchanges(const DriveBins& bins, std::span<const float> counts, int draws,
                                                 std::uint64_t seed, const Context& context) {
  std::vector<std::vector<std::uint8_t>> sources(static_cast<std::size_t>(draws) + 1);
  // Frames of each bin, those with spikes first.
  std::vector<std::uint8_t> filled_first(bins.order.size());
  std::vector<std::uint32_t> filled(bins.count());
  for (std::size_t b = 0; b < bins.count(); ++b) {
    const auto first = bins.first[b], last = bins.first[b + 1];
    std::uint32_t front = first, back = last;
    for (auto r = first; r < last; ++r)
      filled_first[counts[bins.order[r]] > 0 ? front++ : --back] = static_cast<std::uint8_t>(r - first);
    filled[b] = front - first;
  }
  parallel_for(
      static_cast<std::int64_t>(sources.size()), threads_of(context), [&](std::int64_t begin, std::int64_t end) {
        for (auto d = static_cast<std::size_t>(begin); d < static_cast<std::size_t>(end); ++d) {
          check_stop(context);
          const CounterRandom random(derived_seed(seed, purposes::reveal::kNull), d);
          auto& to = sources[d];
          to.resize(bins.order.size());
          for (std::size_t b = 0; b < bins.count(); ++b) {
            const auto first = bins.first[b], length = bins.first[b + 1] - first;
            std::uint8_t at[255];  // where the counts of filled_first go
            for (std::uint32_t i = 0; i < length; ++i)
              at[i] = d == 0 ? filled_first[first + i] : static_cast<std::uint8_t>(i);
            std::array<std::uint32_t, 4> words{};
            for (std::uint32_t i = 0; d > 0 && i < filled[b]; ++i) {
              if (i % 4 == 0) words = random.words(b * 64 + i / 4);
              const auto j = i + static_cast<std::uint32_t>((std::uint64_t{words[i % 4]} * (length - i)) >> 32);
              std::swap(at[i], at[j]);
            }
            for (std::uint32_t i = 0; i < length; ++i) to[first + at[i]] = filled_first[first + i];
          }
        }
      });
  return sources;
}

GreatestScores greatest_scores(const ScoreSums& sums) {
  const auto features = static_cast<Index>(sums.features), taken = static_cast<Index>(sums.taken_out),
             draws = static_cast<Index>(sums.draws);
  const Eigen::Map<const Matrix> features_by(sums.features_by.data(), features, taken + draws);
  const Eigen::Map<const Matrix> taken_out_by(sums.taken_out_by.data(), taken, taken + draws);
  // Rows of norm 1, so that one ridge fits all.
  Matrix gram = taken_out_by.leftCols(taken);
  const Vector scale = gram.diagonal().cwiseMax(1e-12).cwiseSqrt().cwiseInverse();
  gram = scale.asDiagonal() * gram * scale.asDiagonal();
  gram.diagonal().array() += kTakenOutRidge;
  const Matrix cross = scale.asDiagonal() * features_by.leftCols(taken).transpose();  // [taken out, feature]
  const Matrix share = gram.ldlt().solve(cross);
  const Matrix own = scale.asDiagonal() * taken_out_by.rightCols(draws);
  const Matrix slopes = features_by.rightCols(draws) - share.transpose() * own;  // [feature, draw]
  GreatestScores out{std::vector<double>(sums.draws, 0.0), 0};
  for (Index j = 0; j < features; ++j) {
    const double all = sums.square[static_cast<std::size_t>(j)], left = all - share.col(j).dot(cross.col(j));
    if (!(all > 0) || !(left > kLeastFeature * all)) continue;
    ++out.features;
    for (Index d = 0; d < draws; ++d) {
      double& most = out.z[static_cast<std::size_t>(d)];
      most = std::max(most, std::abs(slopes(j, d)) / std::sqrt(left));
    }
  }
  return out;
}

OneFilterTest test_one_filter(const Movie& movie, const BasisFound& found, const OneFilterSettings& settings,
                              std::uint64_t seed, const Context& context) {
  check_settings(settings);
  const Basis& basis = found.basis;
  OneFilterTest test;
  test.alpha = settings.alpha, test.functions = basis.count();
  const FramesSeen seen = frames_seen(movie);
  test.left_out = movie.blocks.size() - seen.blocks.size();
  test.cannot = obstacle(movie, seen);
  if (!test.cannot.empty()) return test;
  test.cannot = obstacle_in_time(movie, seen);
  test.for_the_stimulus = !test.cannot.empty();
  if (test.for_the_stimulus) return test;
  if (!found.responds) {
    test.cannot = "the spikes tell no temporal function from noise";
    return test;
  }
  test.filter = fit_one_filter(movie, basis, seen, context);
  const ScoreRows rows(movie, basis, seen, test.filter, settings, seed, context);
  const GreatestScores greatest = greatest_scores(score_sums(rows, seen, context));
  test.features = greatest.features;
  if (test.features == 0) {
    test.cannot = "the stimulus shows all places the same, but for one number";
    test.for_the_stimulus = true;
    return test;
  }
  test.z = greatest.z.front();
  test.null.assign(greatest.z.begin() + 1, greatest.z.end());
  test.law = fit_maximum_law(test.null);
  const auto above = std::ranges::count_if(test.null, [&](double n) { return n >= test.z; });
  const double counted = static_cast<double>(1 + above) / static_cast<double>(1 + settings.draws);
  test.p = above > 0 ? counted : std::clamp(test.law.tail(test.z), kLeastP, counted);
  const double seen_from = test.law.quantile(settings.alpha) + kNineOfTen;
  test.effect_bits = bits_of(test.z, rows.dispersion(), seen.spikes);
  test.visible_bits = bits_of(seen_from, rows.dispersion(), seen.spikes);
  return test;
}

}  // namespace plexiform::reveal
