#include "plexiform/reveal/placed.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "plexiform/reveal/confidence.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

/// Weights of the window's pixels on the grid, times a factor.
NdArray<float> on_grid(std::span<const double> weights, double factor, const Placing& placing) {
  const Window& window = placing.window;
  NdArray<float> out({placing.grid.height, placing.grid.width});
  for (std::int64_t y = 0; y < window.height; ++y)
    for (std::int64_t x = 0; x < window.width; ++x)
      out.values[static_cast<std::size_t>((window.y + y) * placing.grid.width + window.x + x)] =
          static_cast<float>(factor * weights[static_cast<std::size_t>(y * window.width + x)]);
  return out;
}

/// Time course and channels of a filter [channel * lag]: of several channels what they share, its first singular
/// vectors, the strongest channel positive.
void set_filter(Subunit& to, std::span<const double> filter, const Basis& basis) {
  if (basis.channels == 1) {
    to.temporal.assign(filter.begin(), filter.end());
    return;
  }
  const auto channels = static_cast<Eigen::Index>(basis.channels), lags = static_cast<Eigen::Index>(basis.lags);
  const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> all(filter.data(),
                                                                                                     channels, lags);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(all, Eigen::ComputeThinU | Eigen::ComputeThinV);
  Eigen::VectorXd of_channels = svd.matrixU().col(0), of_lags = svd.matrixV().col(0);
  Eigen::Index strongest = 0;
  of_channels.cwiseAbs().maxCoeff(&strongest);
  if (of_channels[strongest] < 0) of_channels = -of_channels, of_lags = -of_lags;
  for (const double v : of_channels) to.channels.push_back(static_cast<float>(v));
  for (const double v : of_lags) to.temporal.push_back(static_cast<float>(v));
  to.filter = NdArray<float>({channels, lags});
  for (std::size_t i = 0; i < filter.size(); ++i) to.filter.values[i] = static_cast<float>(filter[i]);
}

Interval interval_of(const Bounds& bounds, double shift = 0) {
  return {bounds.low + shift, bounds.high + shift};
}

SubunitCertainty plain(const PartCertainty& part, const Placing& placing) {
  const auto x = static_cast<double>(placing.window.x), y = static_cast<double>(placing.window.y);
  SubunitCertainty out;
  out.x = interval_of(part.x, x), out.y = interval_of(part.y, y);
  out.major = interval_of(part.major), out.minor = interval_of(part.minor);
  out.weight = interval_of(part.weight), out.latency = interval_of(part.latency), out.width = interval_of(part.width);
  out.z = part.z, out.match = part.match, out.returned = part.returned;
  out.gain = {part.gain.nats, part.gain.error};
  out.neighbour = part.neighbour, out.stretch = part.stretch;
  return out;
}

}  // namespace

std::vector<Subunit> placed_subunits(const Found& found, int sign, const Sure* sure, const Placing& placing) {
  const Model& model = found.fit.model;
  const Grid grid{placing.window.height, placing.window.width};
  const auto summaries = summaries_of(model, grid);
  std::vector<Subunit> all;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    if (part.sign != sign) continue;
    const auto weights = shape_weights(part.shape, model.shared_surround(), grid);
    const double strongest = *std::ranges::max_element(weights, {}, [](double v) { return std::abs(v); });
    auto filter = unit(model.basis.mixed(part.mix));
    if (strongest < 0)
      for (double& v : filter) v = -v;
    Subunit s;
    s.spatial = on_grid(weights, strongest < 0 ? -1 : 1, placing);
    set_filter(s, filter, model.basis);
    const PartSummary& of = summaries[i];
    s.weight = of.share, s.even = part.even();
    s.place = {of.x + static_cast<double>(placing.window.x), of.y + static_cast<double>(placing.window.y)};
    s.size = {of.major, of.minor, of.angle};
    s.latency = of.latency, s.width = of.width;
    if (sure != nullptr) {
      SubunitCertainty& certainty = s.certainty.emplace(plain(sure->certainty.parts[i], placing));
      certainty.features = confidence_features(certainty, s.size, sure->residual);
      certainty.confidence = confidence(certainty.features);
    }
    all.push_back(std::move(s));
  }
  std::ranges::stable_sort(all, [](const Subunit& a, const Subunit& b) { return a.weight > b.weight; });
  return all;
}

Interval number_interval(std::vector<int> numbers, std::size_t own) {
  std::ranges::sort(numbers);
  const auto last = static_cast<double>(numbers.size()) - 1;
  const double low = numbers[static_cast<std::size_t>(std::floor(0.05 * last))],
               high = numbers[static_cast<std::size_t>(std::ceil(0.95 * last))];
  const auto at = static_cast<double>(own);
  return {std::min(low, at), std::max(high, at)};
}

StructureTest plain_test(const OneFilterTest& test) {
  StructureTest out;
  out.verdict = test.structured() ? Verdict::structured : Verdict::no_evidence;
  out.p_value = test.p, out.null = test.null, out.statistic = test.z;
  out.effect_bits = test.effect_bits, out.visible_bits = test.visible_bits;
  return out;
}

ResidualTest plain_residual(const Residual& residual, const Placing& placing) {
  ResidualTest out;
  out.z = residual.z, out.p_value = residual.p;
  out.missed_bits = residual.missed_bits, out.visible_bits = residual.visible_bits;
  if (!residual.is_missing()) return out;
  Missing missing = residual.strongest;
  missing.x += static_cast<double>(placing.window.x), missing.y += static_cast<double>(placing.window.y);
  out.missing = in_words(missing);
  if (missing.kind != MissingKind::surround) out.place = Place{missing.x, missing.y};
  return out;
}

std::vector<CovariateUse> plain_covariates(const Model& model, const Covariates& covariates) {
  std::vector<CovariateUse> out;
  const auto name = [](CovariateKind kind) {
    return kind == CovariateKind::history ? "history" : kind == CovariateKind::divisive ? "divisive gain" : "drift";
  };
  for (std::size_t j = 0; j < model.gains.size(); ++j) {
    const Covariate& of = covariates.what[j];
    if (out.empty() || out.back().what != name(of.kind)) out.push_back({name(of.kind), 0, 0});
    ++out.back().numbers;
    if (of.kind == CovariateKind::divisive) out.back().exponent = model.gains[j] / of.spread;
  }
  return out;
}

double share_outside(const Model& model, const Grid& grid) {
  const auto margin = std::max(grid.height, grid.width);
  const Grid wide{grid.height + 2 * margin, grid.width + 2 * margin};
  const auto summaries = summaries_of(model, grid);
  double inside = 0, sum = 0;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    Shape shape = model.parts[i].shape;
    const auto shift = static_cast<double>(margin);
    shape.centre.x += shift, shape.centre.y += shift;
    for (auto& inner : shape.inner) inner.x += shift, inner.y += shift;
    const auto weights = shape_weights(shape, model.shared_surround(), wide);
    for (std::int64_t y = 0; y < wide.height; ++y)
      for (std::int64_t x = 0; x < wide.width; ++x) {
        const double w = weights[static_cast<std::size_t>(y * wide.width + x)], power = summaries[i].share * w * w;
        sum += power;
        if (y >= margin && y < margin + grid.height && x >= margin && x < margin + grid.width) inside += power;
      }
  }
  return sum > 0 ? 1 - inside / sum : 0;
}

}  // namespace plexiform::reveal
