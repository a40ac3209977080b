#pragma once
#include <vector>

#include "plexiform/model/network.hpp"
#include "plexiform/model/output.hpp"

namespace plexiform {

inline ModelSettings small_settings() {
  ModelSettings s;
  s.lags = 4;
  s.window = 5;
  s.filters = 2;
  s.filter_size = 3;
  return s;
}

inline Network random_network(const ModelSettings& s, at::ScalarType type = at::kDouble) {
  at::manual_seed(5);
  Network n = to_type(make_network(s, {1, 5, 5}), type);
  for (auto& [name, tensor] : parameters(n)) *tensor = at::randn_like(*tensor);
  if (s.map == MapKind::nonnegative) n.map.abs_();
  if (n.suppression.defined()) n.suppression.abs_();
  if (s.output == OutputKind::fitted) output_steps(n.output).abs_();
  return n;
}

/// One of each kind.
inline std::vector<ModelSettings> variants() {
  std::vector<ModelSettings> all;
  for (const auto kind : {SubunitNonlinearity::relu, SubunitNonlinearity::half_squared, SubunitNonlinearity::squared,
                          SubunitNonlinearity::linear})
    for (const bool separable : {true, false}) {
      auto s = small_settings();
      s.subunits = kind;
      s.separable = separable;
      all.push_back(s);
    }
  auto s = small_settings();
  s.suppression = true;
  s.output = OutputKind::fitted;
  all.push_back(s);
  s = small_settings();
  s.padding = Padding::valid;
  s.map = MapKind::free;
  s.contrast_scale = 0.5;
  all.push_back(s);
  s.full_window = true;
  all.push_back(s);
  return all;
}

}  // namespace plexiform
