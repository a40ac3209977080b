#include "plexiform/jobs/network_run.hpp"

#include <algorithm>

#include "plexiform/base/file.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {

void save_network_run(const std::filesystem::path& folder, const RunInfo& like, const std::string& models_by,
                      std::span<const CellFit> fits, const std::map<std::int64_t, std::string>& errors,
                      const std::map<std::int64_t, std::string>& revealed_from) {
  RunInfo info = like;
  info.models_by = models_by;
  if (!fits.empty() && std::holds_alternative<Network>(fits.front().model))
    info.settings.model = network_of(fits.front()).settings;
  for (const auto& fit : fits) info.settings.model.lags = std::max(info.settings.model.lags, lags_of(fit.model));
  info.settings.model.window = like.settings.model.window;
  info.cells.clear();
  for (const auto& fit : fits) info.cells.push_back(fit.cell);
  for (const auto& [cell, error] : errors) info.cells.push_back(cell);
  std::sort(info.cells.begin(), info.cells.end());
  create_run(folder, info);
  ModelOrigin origin = model_home(folder, info).origin;
  for (const auto& fit : fits) {
    make_folders(cell_folder(folder, fit.cell));
    const auto parent = revealed_from.find(fit.cell);
    origin.revealed_from = parent == revealed_from.end() ? "" : parent->second;
    write_model(model_path(folder, fit.cell), fit, {}, origin);
    mark_cell_done(folder, info, fit.cell);
  }
  for (const auto& [cell, error] : errors) {
    make_folders(cell_folder(folder, cell));
    set_cell_error(cell_folder(folder, cell), error);
  }
  mark_done(folder);
}

void save_minimal_run(const std::filesystem::path& run, const RunInfo& info, std::span<const CellFit> cells,
                      const std::map<std::int64_t, std::string>& revealed_from) {
  namespace fs = std::filesystem;
  const fs::path folder = layout::minimal(run), fresh = layout::fresh_minimal(run), old = layout::old_minimal(run);
  remove_tree(fresh);
  remove_tree(old);
  save_network_run(fresh, info, "reveal", cells, {}, revealed_from);
  if (path_exists(folder)) rename_file(folder, old);
  rename_file(fresh, folder);
  remove_tree(old);
}

}  // namespace plexiform
