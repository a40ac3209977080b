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

std::vector<double> vector_of(const at::Tensor& values) {
  const at::Tensor whole = values.to(at::kDouble).contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

/// Rates and their logarithms, which exist where a rate itself underflows.
SubunitRate rates_of(const CellModel& model, const ModelDrive& drive, const OutputChange& change) {
  if (const auto* subunits = std::get_if<SubunitModel>(&model)) return subunit_rate(*subunits, drive, change);
  const Network& network = network_of(model);
  const Rate rate =
      output_rate(network.settings.output, network.output.to(at::kDouble), tensor_of(drive.drive) + change.offset);
  return {vector_of(change.scale * rate.value), vector_of(rate.log + std::log(change.scale))};
}

/// Likelihood of counts at the best scale for an offset, nats, less what no offset changes.
class ProfileLikelihood {
 public:
  ProfileLikelihood(const CellModel& model, const ModelDrive& drive, std::span<const double> counts)
      : model_(model), drive_(drive), counts_(counts), spikes_(std::accumulate(counts.begin(), counts.end(), 0.0)) {}

  double spikes() const { return spikes_; }
  double spread() const {
    const auto n = static_cast<double>(drive_.drive.size());
    const double mean = std::accumulate(drive_.drive.begin(), drive_.drive.end(), 0.0) / n;
    double squares = 0;
    for (const double d : drive_.drive) squares += (d - mean) * (d - mean);
    return std::sqrt(squares / n);
  }

  double at(double offset) const {
    const SubunitRate rate = rates_of(model_, drive_, {1, offset});
    const double sum = std::accumulate(rate.value.begin(), rate.value.end(), 0.0);
    double value = -spikes_ * std::log(sum);
    for (std::size_t t = 0; t < counts_.size(); ++t)
      if (counts_[t] > 0) value += counts_[t] * rate.log[t];
    return std::isfinite(value) ? value : -std::numeric_limits<double>::infinity();
  }
  double scale(double offset) const {
    const auto rate = rates_of(model_, drive_, {1, offset}).value;
    return spikes_ / std::accumulate(rate.begin(), rate.end(), 0.0);
  }

 private:
  const CellModel& model_;
  const ModelDrive& drive_;
  std::span<const double> counts_;
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

std::vector<double> changed_rates(const CellModel& model, const ModelDrive& drive, const OutputChange& change) {
  return rates_of(model, drive, change).value;
}

OutputChange refit_output(const CellModel& model, const ModelDrive& drive, std::span<const double> counts) {
  if (drive.drive.size() != counts.size()) throw InternalError("refit_output: the lengths differ");
  const ProfileLikelihood likelihood(model, drive, counts);
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
