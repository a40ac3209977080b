#include "plexiform/cell/circuit_rate.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/form/nonlinearity.hpp"

namespace plexiform {
namespace {

void require_fit(const Circuit& circuit, const FrameShape& frame, std::int64_t begin) {
  const auto& shape = circuit.spatial.shape;
  if (shape.size() != 3 || shape[1] != frame.height || shape[2] != frame.width) {
    std::string found;
    for (const std::int64_t n : shape) found += (found.empty() ? "" : " x ") + std::to_string(n);
    throw Error(ErrorKind::data, "the circuit's spatial filters are " + found + " (subunit x height x width), the " +
                                     "stimulus has " + std::to_string(frame.height) + " x " +
                                     std::to_string(frame.width) + " pixels");
  }
  if (begin < circuit.lags() - 1) {
    throw InternalError("circuit_drive: frame " + std::to_string(begin) + " has no history of " +
                        std::to_string(circuit.lags()) + " frames");
  }
}

/// The drive of blocks of frames. A frame's sum runs in the same order in whichever block it lies, so the bits depend
/// on neither blocks nor threads.
class Drive {
 public:
  Drive(const Circuit& circuit, const Stimulus& stimulus)
      : circuit_(circuit),
        stimulus_(stimulus),
        subunits_(static_cast<std::size_t>(circuit.subunits())),
        lags_(static_cast<std::size_t>(circuit.lags())),
        pixels_(static_cast<std::size_t>(stimulus.shape().pixels())),
        channels_(static_cast<std::size_t>(stimulus.shape().channels)) {
    // [pixel, subunit]: the inner loop then runs over sums that do not wait for each other.
    by_pixel_.resize(pixels_ * subunits_);
    for (std::size_t i = 0; i < subunits_; ++i) {
      for (std::size_t p = 0; p < pixels_; ++p) by_pixel_[p * subunits_ + i] = circuit.spatial.values[i * pixels_ + p];
    }
  }

  /// Frames begin .. begin + out.size().
  void block(std::int64_t begin, std::span<double> out) const {
    const std::vector<double> seen = filtered_in_space(begin, out.size());
    for (std::size_t t = 0; t < out.size(); ++t) {
      double sum = 0;
      for (std::size_t i = 0; i < subunits_; ++i) {
        sum +=
            circuit_.weight.values[i] * subunit_value(circuit_.nonlinearity, circuit_.amplitude * filtered(seen, t, i));
      }
      out[t] = sum;
    }
  }

 private:
  /// [time, subunit], from lags - 1 frames before `begin` on.
  std::vector<double> filtered_in_space(std::int64_t begin, std::size_t frames) const {
    const std::size_t all = frames + lags_ - 1;
    const std::int64_t first = begin - circuit_.lags() + 1;
    std::vector<float> movie(all * channels_ * pixels_);
    stimulus_.read(first, first + static_cast<std::int64_t>(all), whole(stimulus_.shape()), movie);
    std::vector<double> sums(all * subunits_);
    for (std::size_t t = 0; t < all; ++t) {
      double* sum = &sums[t * subunits_];
      for (std::size_t p = 0; p < pixels_; ++p) {
        const double contrast = pixel(movie, t, p);
        for (std::size_t i = 0; i < subunits_; ++i) sum[i] += contrast * by_pixel_[p * subunits_ + i];
      }
    }
    return sums;
  }
  double pixel(const std::vector<float>& movie, std::size_t t, std::size_t p) const {
    double sum = 0;
    for (std::size_t c = 0; c < channels_; ++c) sum += movie[(t * channels_ + c) * pixels_ + p];
    return sum / static_cast<double>(channels_);
  }
  double filtered(const std::vector<double>& seen, std::size_t t, std::size_t i) const {
    double sum = 0;
    for (std::size_t lag = 0; lag < lags_; ++lag) {
      sum += circuit_.temporal.values[i * lags_ + lag] * seen[(t + lags_ - 1 - lag) * subunits_ + i];
    }
    return sum;
  }

  const Circuit& circuit_;
  const Stimulus& stimulus_;
  std::size_t subunits_, lags_, pixels_, channels_;
  std::vector<double> by_pixel_;
};

/// Frames before its own that the rate of a frame depends on through the divisor.
std::int64_t pool_memory(const Circuit& circuit) {
  return circuit.divisive_gain == 0 ? 0 : 5 * circuit.pool_frames;
}

/// v_k of Circuit's definition, k = 1 and up; their sum is 1.
std::vector<double> pool_shares(const Circuit& circuit) {
  std::vector<double> shares;
  double sum = 0;
  for (std::int64_t k = 1; k <= pool_memory(circuit); ++k) {
    shares.push_back(std::exp(-static_cast<double>(k) / static_cast<double>(circuit.pool_frames)));
    sum += shares.back();
  }
  for (double& share : shares) share /= sum;
  return shares;
}

}  // namespace

std::vector<double> circuit_drive(const Circuit& circuit, const Stimulus& stimulus, std::int64_t begin,
                                  std::int64_t end, const Context& context) {
  require_fit(circuit, stimulus.shape(), begin);
  if (end < begin) throw InternalError("circuit_drive: an empty range that runs backwards");
  constexpr std::int64_t kBlock = 512;  // long beside the history that each block reads anew
  const Drive drive(circuit, stimulus);
  std::vector<double> out(static_cast<std::size_t>(end - begin));
  const std::span<double> all(out);
  parallel_for((end - begin + kBlock - 1) / kBlock, threads_of(context), [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t first = from * kBlock; first < std::min(to * kBlock, end - begin); first += kBlock) {
      check_stop(context);
      const std::int64_t length = std::min(kBlock, end - begin - first);
      drive.block(begin + first, all.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(length)));
    }
  });
  return out;
}

double output_of(const Circuit& circuit, double drive) {
  const double above = drive - circuit.threshold;
  switch (circuit.output) {
    case OutputNonlinearity::rectified:
      return std::max(above, 0.0);
    case OutputNonlinearity::saturating:
      return std::max(above, 0.0) / (1 + std::max(above, 0.0) / circuit.output_scale);
    case OutputNonlinearity::exponential:
      return std::exp(above / circuit.output_scale);
  }
  throw InternalError("output_of: an output nonlinearity without a meaning");
}

std::vector<double> rate_of_drive(const Circuit& circuit, std::span<const double> drive, std::size_t first) {
  std::vector<double> rate;
  rate.reserve(drive.size() - first);
  if (circuit.divisive_gain == 0) {
    for (const double d : drive.subspan(first)) rate.push_back(output_of(circuit, d));
    return rate;
  }
  constexpr double kFloor = 0.2;
  const std::vector<double> shares = pool_shares(circuit);
  const double s = circuit.divisive_gain;
  for (std::size_t t = first; t < drive.size(); ++t) {
    double pool = 0;  // in units of its mean
    for (std::size_t k = 1; k <= shares.size(); ++k)
      pool += shares[k - 1] * (k <= t ? std::max(drive[t - k] - circuit.threshold, 0.0) / circuit.pool_mean : 1);
    rate.push_back(output_of(circuit, drive[t]) / (1 - s + s * (kFloor + pool)));
  }
  return rate;
}

std::vector<double> circuit_rate(const Circuit& circuit, const Stimulus& stimulus, std::int64_t begin, std::int64_t end,
                                 const Context& context) {
  // What the divisor looks back on; frames before the first with a whole history have no drive.
  const std::int64_t from =
      std::clamp<std::int64_t>(begin - pool_memory(circuit), std::min(circuit.lags() - 1, begin), begin);
  const std::vector<double> drive = circuit_drive(circuit, stimulus, from, end, context);
  std::vector<double> rate = rate_of_drive(circuit, drive, static_cast<std::size_t>(begin - from));
  for (double& r : rate) r *= circuit.gain;
  return rate;
}

}  // namespace plexiform
