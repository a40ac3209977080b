#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/reveal/select_subunits.hpp"
#include "plexiform/reveal/subunit_model.hpp"
#include "plexiform/settings/run.hpp"

namespace plexiform {

/// A point of the curve of likelihood against size.
struct SizePoint {
  std::size_t subunits = 0;
  double bits = 0;  ///< held-out, per spike, over a constant rate
  Gain behind;      ///< of the full model over this one, nats
};

/// The curve from the full model down to one subunit, the least missed left out each time and the rest fitted again,
/// and the smallest model that is behind by no more than the standard error of the paired difference over blocks.
struct Pruned {
  std::vector<SizePoint> curve;  ///< the full model first
  FittedModel minimal;
};
Pruned prune(const FittedModel& full, const FilteredMovie& movie, const ModelFitSettings& settings, int threads);

/// The model as a network: a filter as large as the window and one position for each subunit. Throws InternalError
/// where its power is not 1.
Network network_of_model(const SubunitModel& model, std::span<const double> temporal, const FrameShape& input,
                         std::int64_t window);

/// A run directory with the minimal networks of cells, beside the same LN models: RUN/minimal, which score and predict
/// take as any other. Written under a temporary name and renamed; replaces one that is there.
void save_minimal_run(const std::filesystem::path& run, const RunInfo& info, std::span<const CellFit> cells);

}  // namespace plexiform
