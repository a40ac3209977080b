#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {

/// A finished run directory of networks that were not trained here, which score and predict take as any other; it holds
/// no training state, so that it cannot be resumed. `like`: the run whose recording, split and window they share.
/// `models_by`: "compare", "reveal", which makes it again. `errors`: cells without a network. `revealed_from`:
/// checksums of the models that they were revealed from, by cell. Throws Error{usage} where `folder` exists.
void save_network_run(const std::filesystem::path& folder, const RunInfo& like, const std::string& models_by,
                      std::span<const CellFit> fits, const std::map<std::int64_t, std::string>& errors,
                      const std::map<std::int64_t, std::string>& revealed_from = {});

/// A run directory with the minimal networks of cells, beside the same LN models: RUN/minimal, which score and predict
/// take as any other. Written under a temporary name and renamed; replaces one that is there.
void save_minimal_run(const std::filesystem::path& run, const RunInfo& info, std::span<const CellFit> cells,
                      const std::map<std::int64_t, std::string>& revealed_from);

}  // namespace plexiform
