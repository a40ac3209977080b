#include "plexiform/flashed/static_model.hpp"

#include <Eigen/Dense>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/softplus.hpp"

namespace plexiform {
namespace {

constexpr int kMostSteps = 500;
constexpr double kConverged = 1e-12;  // nats an image that a step gained

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;

/// Inputs of the images that fit, standardised, after a column of ones.
struct Design {
  Matrix values;  ///< [image, 1 + input]
  Vector middle, spread;
};

Design design_of(const NdArray<double>& inputs, const std::vector<std::int64_t>& images) {
  const auto n = static_cast<Eigen::Index>(images.size()), k = static_cast<Eigen::Index>(inputs.shape[1]);
  Design design{Matrix::Ones(n, 1 + k), Vector::Zero(k), Vector::Zero(k)};
  for (Eigen::Index j = 0; j < k; ++j) {
    Vector column(n);
    for (Eigen::Index i = 0; i < n; ++i)
      column[i] = inputs.row(images[static_cast<std::size_t>(i)])[static_cast<std::size_t>(j)];
    design.middle[j] = column.mean();
    column.array() -= design.middle[j];
    const double spread = std::sqrt(column.squaredNorm() / static_cast<double>(n));
    // Rounding of the mean leaves something of an input that does not vary.
    design.spread[j] = spread > 1e-12 * std::abs(design.middle[j]) ? spread : 0;
    design.values.col(1 + j) = design.spread[j] > 0 ? Vector(column / design.spread[j]) : Vector(Vector::Zero(n));
  }
  return design;
}

/// Log-likelihood of counts (in units of the scale), its gradient and expected curvature, by the parameters.
struct Slopes {
  double log_likelihood = 0;
  Vector gradient;
  Matrix curvature;
};

double log_likelihood(const Design& design, const Vector& counts, const Vector& parameters) {
  const Vector drive = design.values * parameters;
  double sum = 0;
  for (Eigen::Index i = 0; i < drive.size(); ++i) {
    const Softplus rate = softplus(drive[i]);
    sum += (counts[i] > 0 ? counts[i] * rate.log : 0) - rate.value;
  }
  return sum;
}

Slopes slopes_of(const Design& design, const Vector& counts, const Vector& parameters) {
  const Vector drive = design.values * parameters;
  Vector slope(drive.size()), weight(drive.size());
  Slopes slopes;
  for (Eigen::Index i = 0; i < drive.size(); ++i) {
    const Softplus rate = softplus(drive[i]);
    slopes.log_likelihood += (counts[i] > 0 ? counts[i] * rate.log : 0) - rate.value;
    slope[i] = (counts[i] - rate.value) * rate.log_slope;
    weight[i] = rate.value * rate.log_slope * rate.log_slope;
  }
  slopes.gradient = design.values.transpose() * slope;
  slopes.curvature = design.values.transpose() * weight.asDiagonal() * design.values;
  return slopes;
}

/// The drive at which softplus has a value.
double inverse_softplus(double value) {
  return value > 30 ? value : std::log(std::expm1(value));
}

Vector maximised(const Design& design, const Vector& counts) {
  Vector parameters = Vector::Zero(design.values.cols());
  parameters[0] = inverse_softplus(counts.mean());
  double damping = 1e-3;
  Slopes now = slopes_of(design, counts, parameters);
  for (int step = 0; step < kMostSteps; ++step) {
    Matrix damped = now.curvature;
    // The small addition keeps what no image tells about where it is.
    damped.diagonal() = damped.diagonal() * (1 + damping) + Vector::Constant(damped.rows(), 1e-9);
    const Vector tried = parameters + damped.ldlt().solve(now.gradient);
    const double reached = log_likelihood(design, counts, tried);
    if (!(reached >= now.log_likelihood)) {
      damping *= 10;
      if (damping > 1e8) break;
      continue;
    }
    const double gain = reached - now.log_likelihood;
    parameters = tried;
    now = slopes_of(design, counts, parameters);
    damping = std::max(damping / 5, 1e-9);
    if (gain < kConverged * static_cast<double>(counts.size())) break;
  }
  return parameters;
}

}  // namespace

double StaticModel::rate(std::span<const double> inputs) const {
  double drive = offset;
  for (std::size_t k = 0; k < weights.size(); ++k) drive += weights[k] * inputs[k];
  return scale * softplus(drive).value;
}

StaticModel fit_static(const NdArray<double>& inputs, std::span<const double> counts, const std::vector<bool>& fits,
                       double scale) {
  std::vector<std::int64_t> images;
  for (std::size_t i = 0; i < fits.size(); ++i)
    if (fits[i]) images.push_back(static_cast<std::int64_t>(i));
  const std::int64_t parameters = 1 + inputs.shape[1];
  if (inputs.shape[0] != static_cast<std::int64_t>(counts.size()) || fits.size() != counts.size() ||
      static_cast<std::int64_t>(images.size()) <= parameters || !(scale > 0))
    throw InternalError("fit_static: lengths differ, too few images or no scale");
  Vector of_scale(static_cast<Eigen::Index>(images.size()));
  for (std::size_t i = 0; i < images.size(); ++i)
    of_scale[static_cast<Eigen::Index>(i)] = counts[static_cast<std::size_t>(images[i])] / scale;
  if (!(of_scale.sum() > 0)) throw Error(ErrorKind::numeric, "no spike in the images that a model is fitted to");
  const Design design = design_of(inputs, images);
  const Vector found = maximised(design, of_scale);

  StaticModel model{scale, found[0], {}, 0, 0};
  for (Eigen::Index j = 0; j + 1 < found.size(); ++j) {
    model.weights.push_back(design.spread[j] > 0 ? found[1 + j] / design.spread[j] : 0);
    model.offset -= model.weights.back() * design.middle[j];
  }
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
