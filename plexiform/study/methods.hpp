#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "plexiform/fit/filtered_movie.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/reveal/subunits.hpp"

namespace plexiform {

/// What the methods of a comparison see of a cell: training and validation blocks of its window.
struct MethodData {
  const Recording& recording;
  const Split& split;
  const CellFit& fit;            ///< window, and the temporal filter that a FilteredMovie needs
  std::vector<double> temporal;  ///< [lag], of the fitted network
  FilteredMovie movie;
  std::int64_t channels = 1;
  std::uint64_t seed = 0;
  int threads = 1;
  std::stop_token stop;
};
MethodData method_data(const Recording& recording, const Split& split, const CellFit& fit, double block_seconds,
                       std::uint64_t seed, int threads, const std::stop_token& stop);

/// What a method found.
struct MethodModel {
  Network network;
  std::string chosen;                 ///< what it chose by itself, for people
  std::optional<at::Tensor> modules;  ///< double [module, pixel of the window], where they mean subunits
};

/// A free subunit model: 2 to 6 separable filters as large as the window, each with a temporal filter of its own,
/// rectified or half-squared, trained as the LN model is, with smoothness and size penalties of two strengths; number,
/// strength and nonlinearity by the validation blocks.
MethodModel lnln_model(const MethodData& data);

/// Module sets as LNLN models: readout_of_modules() with rectified and with half-squared modules, of which the
/// validation blocks choose.
MethodModel soft_clustering_model(const MethodData& data);
/// The localised modules that do not suppress. Throws Error{data} where there is none.
MethodModel stnmf_model(const MethodData& data);
/// The minimal network of what was revealed. Throws Error{data} where nothing was.
MethodModel revealed_model(const MethodData& data, const CellSubunits& revealed);
/// Significant axes are no subunits: a drive that is any quadratic function along the spike-triggered average and has
/// squares along the axes, with weights of either sign.
MethodModel stc_model(const MethodData& data);

/// Recovery of modules: on the recording's grid, matched one to one with the true subunits.
struct Recovery {
  double mean_match = 0;   ///< see mean_match()
  std::int64_t found = 0;  ///< true subunits with a partner of 0.9 or better
};
inline constexpr double kFoundAbove = 0.9;
Recovery recovery_of_modules(const at::Tensor& modules, const Window& window, const Circuit& truth);
Recovery recovery_of(const std::vector<TruthMatch>& matches, const Circuit& truth);

}  // namespace plexiform
