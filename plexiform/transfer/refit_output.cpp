#include "plexiform/transfer/refit_output.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/model/output.hpp"
#include "plexiform/transfer/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds::transfer;

at::Tensor tensor_of(std::span<const double> values) {
  at::Tensor t = at::empty({static_cast<std::int64_t>(values.size())}, at::kDouble);
  std::ranges::copy(values, t.data_ptr<double>());
  return t;
}

/// Likelihood of counts at the best scale for an offset, nats, less what no offset changes.
class ProfileLikelihood {
 public:
  ProfileLikelihood(const Network& network, std::span<const double> drive, std::span<const double> counts)
      : kind_(network.settings.output),
        parameters_(network.output.to(at::kDouble)),
        drive_(tensor_of(drive)),
        counts_(tensor_of(counts)),
        spikes_(counts_.sum().item<double>()) {}

  double spikes() const { return spikes_; }
  double spread() const { return drive_.std(0, false).item<double>(); }

  /// The logarithm of the rate exists where the rate itself underflows, so it is summed from there.
  double at(double offset) const {
    const Rate rate = output_rate(kind_, parameters_, drive_ + offset);
    const double sum = rate.value.sum().item<double>();
    const double value = at::dot(counts_, rate.log).item<double>() - spikes_ * std::log(sum);
    return std::isfinite(value) ? value : -std::numeric_limits<double>::infinity();
  }
  double scale(double offset) const {
    return spikes_ / output_rate(kind_, parameters_, drive_ + offset).value.sum().item<double>();
  }

 private:
  OutputKind kind_;
  at::Tensor parameters_, drive_, counts_;
  double spikes_;
};

/// The maximum of f between low and high, of which it has one there.
template <class F>
double golden_section(F f, double low, double high) {
  const double share = 1 / std::numbers::phi;
  double a = high - share * (high - low), b = low + share * (high - low), fa = f(a), fb = f(b);
  for (int step = 0; step < 25; ++step) {
    if (fa < fb) {
      low = a, a = b, fa = fb;
      b = low + share * (high - low), fb = f(b);
    } else {
      high = b, b = a, fb = fa;
      a = high - share * (high - low), fa = f(a);
    }
  }
  return (low + high) / 2;
}

}  // namespace

std::vector<double> changed_rates(const Network& network, std::span<const double> drive, const OutputChange& change) {
  const at::Tensor rate =
      change.scale *
      output_rate(network.settings.output, network.output.to(at::kDouble), tensor_of(drive) + change.offset).value;
  const at::Tensor whole = rate.contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

OutputChange refit_output(const Network& network, std::span<const double> drive, std::span<const double> counts) {
  if (drive.size() != counts.size()) throw InternalError("refit_output: the lengths differ");
  const ProfileLikelihood likelihood(network, drive, counts);
  if (likelihood.spikes() == 0)
    throw Error(ErrorKind::data, "no spike in the frames that output scale and offset are fitted to",
                "use a larger share of the data");
  const double step = kOffsetReach * likelihood.spread() / kOffsetSteps;
  double best = 0, highest = likelihood.at(0);
  for (int i = -kOffsetSteps; i <= kOffsetSteps && step > 0; ++i)
    if (const double value = likelihood.at(i * step); value > highest) highest = value, best = i * step;
  if (!std::isfinite(highest))
    throw Error(ErrorKind::numeric, "the refit failed: no output offset gives a finite likelihood");
  if (step > 0) {
    const double near = golden_section([&](double o) { return likelihood.at(o); }, best - step, best + step);
    if (likelihood.at(near) > highest) best = near;
  }
  return {likelihood.scale(best), best};
}

}  // namespace plexiform
