#include "plexiform/jobs/network_run.hpp"

#include <algorithm>

#include "plexiform/jobs/model_file.hpp"
#include "plexiform/run/layout.hpp"

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
    write_model(model_path(folder, fit.cell), fit, {}, info.checksum);
    mark_done(cell_folder(folder, fit.cell));
  }
  for (const auto& [cell, error] : errors) {
    std::filesystem::create_directories(cell_folder(folder, cell));
    set_cell_error(cell_folder(folder, cell), error);
  }
  mark_done(folder);
}

void save_minimal_run(const std::filesystem::path& run, const RunInfo& info, std::span<const CellFit> cells) {
  namespace fs = std::filesystem;
  const fs::path folder = layout::minimal(run), fresh = layout::fresh_minimal(run), old = layout::old_minimal(run);
  fs::remove_all(fresh);
  fs::remove_all(old);
  save_network_run(fresh, info, cells, {});
  if (fs::exists(folder)) fs::rename(folder, old);
  fs::rename(fresh, folder);
  fs::remove_all(old);
}

}  // namespace plexiform
