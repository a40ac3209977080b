#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/filtered/filtered_movie.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/network_map/reveal_fit.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform {

/// What the methods of a comparison see of a cell: training and validation blocks of its window.
struct MethodData {
  const Recording& recording;
  const Split& split;
  const CellFit& fit;            ///< window, and the temporal filter that a FilteredMovie needs
  std::vector<double> temporal;  ///< [lag], of the fitted network
  FilteredMovie movie;
  std::int64_t channels = 1;
  std::uint64_t seed = 0;  ///< of all that is drawn for this cell
  Context context;
};
/// `block_seconds`: of the split. What it refers to must outlive it. Throws as cell_movie().
MethodData method_data(const Recording& recording, const Split& split, const CellFit& fit, double block_seconds,
                       std::uint64_t seed, const Context& context = {});

/// What a method found.
struct MethodModel {
  CellModel model;
  std::string chosen;                    ///< what it chose by itself, for people
  std::optional<at::Tensor> modules;     ///< double [module, pixel of the window], where they mean subunits
  std::optional<CellSubunits> revealed;  ///< in their place, of methods that reveal
};

/// A free subunit model: 2 to 6 separable filters as large as the window, each with a temporal filter of its own,
/// rectified or half-squared, trained as the LN model is, with smoothness and size penalties of two strengths; number,
/// strength and nonlinearity by the validation blocks.
MethodModel lnln_model(const MethodData& data);
/// What it tries, in that order; `like`: what all share.
std::vector<Settings> lnln_tried(const Settings& like);

/// Module sets as LNLN models: readout_of_modules() with rectified and with half-squared modules, of which the
/// validation blocks choose.
MethodModel soft_clustering_model(const MethodData& data);
/// The localised modules that do not suppress. Throws Error{data} if there is none.
MethodModel stnmf_model(const MethodData& data);
/// The minimal network of what was revealed. Throws Error{data} if nothing was.
MethodModel revealed_model(const RevealedFit& revealed);
/// Subunits as they were modelled before they had signs, shapes and time courses of their own: the search of reveal
/// held to one temporal filter, excitation and plain Gaussians. Throws as reveal_cell().
MethodModel gaussians_model(const MethodData& data);
/// Significant axes are not subunits: a drive that is any quadratic function along the spike-triggered average and has
/// squares along the axes, with weights of either sign.
MethodModel stc_model(const MethodData& data);

/// A method that stands beside the fitted network.
struct Method {
  std::string name;
  /// Its model. `revealed` is what reveal_fit() found, for the method "reveal".
  MethodModel (*find)(const MethodData& data, const RevealedFit& revealed) = nullptr;
  double cost = 1;  ///< its time, in fits of the network: about, for progress
};
/// "reveal", "gaussians", "lnln", "soft_clustering", "stc", "stnmf".
std::span<const Method> all_methods();
/// Those of these names, in the order of all_methods(); all where there is no name. Throws Error{usage} if there is no
/// such method.
std::vector<Method> methods_named(std::span<const std::string> names);

}  // namespace plexiform
