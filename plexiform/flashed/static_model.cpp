#include "plexiform/flashed/static_model.hpp"

#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/softplus.hpp"
#include "plexiform/flashed/thresholds.hpp"
#include "plexiform/likelihood/softplus_model.hpp"

namespace plexiform {
namespace {

constexpr MaximiseSettings kSearch{thresholds::flashed::kFitTolerance, thresholds::flashed::kFitSteps};

/// Inputs of the images that fit, standardised, so that all parameters are of one size.
struct Design {
  NdArray<double> values;              ///< [image, input]
  std::vector<double> middle, spread;  ///< [input]; a spread of 0: it does not vary
};

Design design_of(const NdArray<double>& inputs, const std::vector<std::int64_t>& images) {
  const auto n = static_cast<std::int64_t>(images.size()), k = inputs.shape[1];
  Design design{NdArray<double>({n, k}), {}, {}};
  for (std::size_t j = 0; j < static_cast<std::size_t>(k); ++j) {
    double sum = 0, squares = 0;
    for (const std::int64_t image : images) sum += inputs.row(image)[j];
    const double middle = sum / static_cast<double>(n);
    for (const std::int64_t image : images) squares += std::pow(inputs.row(image)[j] - middle, 2);
    double spread = std::sqrt(squares / static_cast<double>(n));
    // Rounding of the mean leaves something of an input that does not vary.
    if (!(spread > 1e-12 * std::abs(middle))) spread = 0;
    for (std::int64_t i = 0; i < n && spread > 0; ++i)
      design.values.row(i)[j] = (inputs.row(images[static_cast<std::size_t>(i)])[j] - middle) / spread;
    design.middle.push_back(middle);
    design.spread.push_back(spread);
  }
  return design;
}

/// In units of the scale, as a StaticModel has offset and weights, and for inputs that are not standardised.
StaticModel unstandardised(const SoftplusModel& fitted, const Design& design, double scale) {
  StaticModel model{scale, fitted.offset / scale, {}, 0, 0};
  for (std::size_t j = 0; j < fitted.weight.size(); ++j) {
    model.weights.push_back(design.spread[j] > 0 ? fitted.weight[j] / scale / design.spread[j] : 0);
    model.offset -= model.weights.back() * design.middle[j];
  }
  return model;
}

}  // namespace

double StaticModel::rate(std::span<const double> inputs) const {
  double drive = offset;
  for (std::size_t k = 0; k < weights.size(); ++k) drive += weights[k] * inputs[k];
  return scale * softplus(drive).value;
}

StaticModel fit_static(const NdArray<double>& inputs, std::span<const double> counts, const std::vector<bool>& fits,
                       double scale, const Context& context) {
  std::vector<std::int64_t> images;
  for (std::size_t i = 0; i < fits.size(); ++i)
    if (fits[i]) images.push_back(static_cast<std::int64_t>(i));
  const std::int64_t parameters = 1 + inputs.shape[1];
  if (inputs.shape[0] != static_cast<std::int64_t>(counts.size()) || fits.size() != counts.size() ||
      static_cast<std::int64_t>(images.size()) <= parameters || !(scale > 0))
    throw InternalError("fit_static: lengths differ, too few images or no scale");
  std::vector<double> fitted;
  for (const std::int64_t image : images) fitted.push_back(counts[static_cast<std::size_t>(image)]);
  if (!(std::accumulate(fitted.begin(), fitted.end(), 0.0) > 0))
    throw Error(ErrorKind::numeric, "no spike in the images that a model is fitted to");
  const Design design = design_of(inputs, images);
  const std::vector<bool> free_sign(static_cast<std::size_t>(inputs.shape[1]), true);
  const SoftplusFit fit = fit_softplus({design.values, fitted}, {std::log(scale), {}, 0, free_sign}, kSearch, context);
  StaticModel model = unstandardised(fit.model, design, scale);
  for (const std::int64_t image : images) {
    const double count = counts[static_cast<std::size_t>(image)], rate = model.rate(inputs.row(image));
    // Far below threshold the rate is 0 to double precision; the likelihood of a spike there is kept finite.
    const double safe = std::max(rate, 1e-12);
    model.log_likelihood += (count > 0 ? count * std::log(safe) : 0) - rate;
    model.dispersion += (count - rate) * (count - rate) / safe;
  }
  model.dispersion /= static_cast<double>(static_cast<std::int64_t>(images.size()) - parameters);
  return model;
}

}  // namespace plexiform
