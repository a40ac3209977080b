#include "plexiform/fit/network_run.hpp"

#include <algorithm>

namespace plexiform {

void save_network_run(const std::filesystem::path& folder, const RunInfo& like, std::span<const CellFit> fits,
                      const std::map<std::int64_t, std::string>& errors) {
  RunInfo info = like;
  if (!fits.empty()) info.settings.model = fits.front().network.settings;
  info.settings.model.window = like.settings.model.window;
  info.cells.clear();
  for (const auto& fit : fits) info.cells.push_back(fit.cell);
  for (const auto& [cell, error] : errors) info.cells.push_back(cell);
  std::sort(info.cells.begin(), info.cells.end());
  create_run(folder, info);
  for (const auto& fit : fits) {
    std::filesystem::create_directories(cell_folder(folder, fit.cell));
    save_networks(cell_folder(folder, fit.cell), fit);
    mark_done(cell_folder(folder, fit.cell));
  }
  for (const auto& [cell, error] : errors) {
    std::filesystem::create_directories(cell_folder(folder, cell));
    set_cell_error(cell_folder(folder, cell), error);
  }
  mark_done(folder);
}

}  // namespace plexiform
