#include "plexiform/flashed/menu.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "plexiform/base/error.hpp"

namespace plexiform {

double WeighedModels::rate(const std::vector<MenuEntry>& menu, std::int64_t image) const {
  double sum = 0;
  for (std::size_t i = 0; i < models.size(); ++i)
    if (weights[i] > 0) sum += weights[i] * models[i].rate(menu[i / std::size(kScales)].inputs->row(image));
  return sum;
}

std::size_t WeighedModels::best() const {
  return static_cast<std::size_t>(std::ranges::max_element(models, {}, &StaticModel::log_likelihood) - models.begin());
}

WeighedModels weigh_models(const std::vector<MenuEntry>& menu, std::span<const double> counts,
                           const std::vector<bool>& fits, const Context& context) {
  double sum = 0, images = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (fits[i]) sum += counts[i], images += 1;
  if (!(sum > 0)) throw Error(ErrorKind::numeric, "no spike in the images that a model is fitted to");
  WeighedModels all;
  for (const MenuEntry& entry : menu)
    for (const double scale : kScales)
      all.models.push_back(fit_static(*entry.inputs, counts, fits, scale * sum / images, context));
  const StaticModel& best = all.models[all.best()];
  // Counts that a model hits exactly leave the likelihood as it is rather than sharpen it without end.
  const double dispersion = std::max(best.dispersion, thresholds::flashed::kLeastDispersion * sum / images);
  double total = 0;
  for (std::size_t i = 0; i < all.models.size(); ++i) {
    const double behind = (all.models[i].log_likelihood - best.log_likelihood) / dispersion;
    all.weights.push_back(menu[i / std::size(kScales)].prior * std::exp(behind));
    total += all.weights.back();
  }
  for (double& weight : all.weights) weight /= total;
  return all;
}

}  // namespace plexiform
