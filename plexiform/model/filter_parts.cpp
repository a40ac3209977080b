#include "plexiform/model/filter_parts.hpp"

namespace plexiform {

FilterParts filter_parts(const Network& n, std::int64_t k) {
  at::Tensor spatial, temporal;
  if (n.settings.separable) {
    spatial = n.spatial[k].mean(0).to(at::kDouble);
    temporal = n.temporal[k].to(at::kDouble);
  } else {
    const at::Tensor filter = n.filter[k].mean(1).to(at::kDouble);  // [lag, rows, columns]
    const auto [u, s, v] = at::linalg_svd(filter.flatten(1), false);
    spatial = v[0].reshape({filter.size(1), filter.size(2)});
    temporal = u.select(1, 0);
  }
  const double peak = spatial.flatten()[spatial.abs().argmax()].item<double>();
  const double sign = peak < 0 ? -1 : 1;
  return {sign * spatial / spatial.norm().clamp_min(1e-12), sign * temporal / temporal.norm().clamp_min(1e-12)};
}

}  // namespace plexiform
