#include "plexiform/reveal/model.hpp"

#include <cmath>

namespace plexiform::reveal {
namespace {

/// Calls visit(value) for each free number, in the order of the layout.
template <class AnyModel, class Visit>
void visit_parameters(AnyModel& model, const Visit& visit) {
  visit(model.log_softness), visit(model.offset);
  if (model.log_power.free) visit(model.log_power.value);
  if (model.log_expansion.free) visit(model.log_expansion.value);
  if (model.surround) visit(model.surround->strength), visit(model.surround->log_ratio);
  for (auto& gain : model.gains) visit(gain);
  for (auto& part : model.parts) {
    for (auto& q : part.mix) visit(q);
    auto& g = part.shape.centre;
    visit(g.x), visit(g.y), visit(g.log_a), visit(g.log_b), visit(g.shear);
    for (auto& inner : part.shape.inner) visit(inner.weight), visit(inner.x), visit(inner.y), visit(inner.log_size);
  }
}

}  // namespace

std::vector<double> Basis::mixed(std::span<const double> mix) const {
  std::vector<double> sum(channels * lags, 0.0);
  for (std::size_t k = 0; k < count(); ++k)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += mix[k] * functions[k][i];
  return sum;
}

double Part::weight() const {
  double sum = 0;
  for (const double q : mix) sum += q * q;
  return std::sqrt(sum);
}

ModelLayout::ModelLayout(const Model& model) {
  std::size_t at = 2;
  if (model.log_power.free) power = at++;
  if (model.log_expansion.free) expansion = at++;
  if (model.surround) surround = at, at += kOfSurround;
  gains = at;
  at += model.gains.size();
  for (const auto& part : model.parts) {
    const auto shape = at + part.mix.size(), end = shape + parameter_count(part.shape);
    parts.push_back({at, shape, end});
    at = end;
  }
  count = at;
}

std::vector<double> parameters_of(const Model& model) {
  std::vector<double> values;
  visit_parameters(model, [&](double v) { values.push_back(v); });
  return values;
}

Model with_parameters(Model model, std::span<const double> values) {
  std::size_t at = 0;
  visit_parameters(model, [&](double& v) { v = values[at++]; });
  return model;
}

Model without_part(Model model, std::size_t part) {
  model.parts.erase(model.parts.begin() + static_cast<std::ptrdiff_t>(part));
  return model;
}

}  // namespace plexiform::reveal
