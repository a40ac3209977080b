#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "plexiform/classical/thresholds.hpp"

namespace plexiform {

/// Sparse semi-non-negative factorisation of an ensemble S [spike, pixel] into encodings E [module, spike] of any sign
/// and modules M [module, pixel] >= 0:
///
///   objective = 1/2 ||S - E' M||^2 + sparsity * sum M,   each row of E of unit L2 norm over the spikes.
///
/// Rows of the best E lie in the row space of S, E = A S' with A [module, pixel], so that everything follows from the
/// second moment C = S' S [pixel, pixel]:
///
///   objective = 1/2 tr C - tr(M C A') + 1/2 tr(M M' A C A') + sparsity * sum M,   diagonal of A C A' = 1,
///
/// and the cost of an iteration does not depend on the number of spikes. Sources: Ding et al. 2010, IEEE TPAMI 32:45
/// (semi-NMF); Cichocki & Phan 2009, IEICE E92-A:708 (hierarchical least squares); Gillis & Glineur 2012, Neural
/// Computation 24:1085 (its acceleration by inner sweeps); Zapp et al. 2024, bioRxiv 2024.04.22.590506 (the objective).
struct Factorisation {
  at::Tensor modules;             ///< M, double [module, pixel], >= 0
  at::Tensor readout;             ///< A, double [module, pixel]; the encodings of a spike s are A s
  std::vector<double> objective;  ///< at the start, then after each iteration; never rises
  std::int64_t iterations() const { return static_cast<std::int64_t>(objective.size()) - 1; }
};

struct FactoriseSettings {
  /// In units of the standard deviation of a pixel, where the stimulus is white.
  double sparsity = thresholds::classical::kSparsity;
  std::int64_t iterations = 1000;
  double tolerance = 0;  ///< stop when an iteration gains less than this share of all that was gained
  double stop_at = -std::numeric_limits<double>::infinity();  ///< stop when the objective is no larger than this
};

/// From `start` [module, pixel] >= 0 (its encodings: least squares, scaled to unit norm). Each iteration improves the
/// modules, then the encodings, row by row, each row exactly, so the objective never rises.
/// Throws InternalError if shapes do not fit, Error{numeric} if the moment is not finite or zero, or a setting is
/// negative.
Factorisation factorise(const at::Tensor& moment, const at::Tensor& start, const FactoriseSettings& settings);

/// The objective above of any M and A (rows of A are scaled to unit norm of their encodings first).
double factorisation_objective(const at::Tensor& moment, const at::Tensor& modules, const at::Tensor& readout,
                               double sparsity);

/// The least-squares encodings of modules, scaled to unit norm: A = D^-1 pinv(M'), [module, pixel].
at::Tensor least_squares_readout(const at::Tensor& moment, const at::Tensor& modules);

/// Start without chance: the positive and the negative part of the leading (modules + 1) / 2 singular vectors of S,
/// improved by one iteration on the ensemble of that rank. Source: Atif, Qazi & Gillis 2019, Pattern Recognition
/// Letters 122:53 (NNSVD-LRC), its second step omitted, as the factorisation is semi-non-negative.
at::Tensor svd_start(const at::Tensor& moment, std::int64_t modules, double sparsity);

/// Start `index` of `seed`: uniform in [0, 1), double [module, pixel].
at::Tensor random_start(std::int64_t modules, std::int64_t pixels, std::uint64_t seed, std::uint64_t index);

}  // namespace plexiform
