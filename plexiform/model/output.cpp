#include "plexiform/model/output.hpp"

#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/compute/output_curve.hpp"

namespace plexiform {
namespace {

using output_curve::kFarBelow, output_curve::kFirstKnot, output_curve::kKnotWidth, output_curve::kLowestLevel;
constexpr std::int64_t kKnots = output_curve::kKnots;
/// Mean of log(1 + exp(z)) over a standard normal z.
constexpr double kMeanSoftplus = 0.806;

Rate softplus_rate(const at::Tensor& p, const at::Tensor& drive) {
  const at::Tensor z = p[1].exp() * (drive + p[2]);
  return {p[0].exp() * at::softplus(z), p[0] + log_softplus(z)};
}

Rate fitted_rate(const at::Tensor& p, const at::Tensor& drive) {
  const at::Tensor knots = kFirstKnot + kKnotWidth * at::arange(kKnots, drive.options());
  const at::Tensor z = ((drive + p[0]).unsqueeze(1) - knots) / kKnotWidth;  // [time, knot]
  const at::Tensor steps = at::sigmoid(z.slice(1, 0, kKnots - 1));
  const at::Tensor tail = kKnotWidth * at::softplus(z.slice(1, kKnots - 1, kKnots));
  const at::Tensor rate = kLowestLevel + p[1] + at::mv(at::cat({steps, tail}, 1), p.slice(0, 2));
  return {rate, rate.log()};
}

}  // namespace

at::Tensor log_softplus(const at::Tensor& z) {
  const at::Tensor near = at::softplus(z.clamp_min(kFarBelow)).log();
  const at::Tensor far = z.clamp_max(kFarBelow);
  return at::where(z > kFarBelow, near, far - 0.5 * far.exp());
}

Rate output_rate(OutputKind kind, const at::Tensor& parameters, const at::Tensor& drive) {
  return kind == OutputKind::softplus ? softplus_rate(parameters, drive) : fitted_rate(parameters, drive);
}

at::Tensor initial_output(OutputKind kind, double mean_rate, double mean_drive) {
  const auto offset = static_cast<float>(-mean_drive);
  if (kind == OutputKind::softplus)
    return at::tensor({static_cast<float>(std::log(mean_rate / kMeanSoftplus)), 0.0F, offset});
  at::Tensor p = at::full({kKnots + 2}, static_cast<float>(mean_rate) / 2);
  p[0] = offset;
  p[1] = 0.0F;
  return p;
}

at::Tensor output_steps(const at::Tensor& parameters) {
  return parameters.slice(0, 1);
}

}  // namespace plexiform
