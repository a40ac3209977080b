#include <cstdio>

#include "plexiform/base/error.hpp"
#include "plexiform/reveal/reveal_run.hpp"
#include "verbs.hpp"

void print_subunits(const std::vector<plexiform::CellSubunits>& cells) {
  for (const auto& cell : cells) {
    if (!cell.error.empty()) {
      std::printf("cell %ld (%s): %s\n", cell.cell, cell.name.c_str(), cell.error.c_str());
      continue;
    }
    std::printf("cell %ld (%s): %zu subunits", cell.cell, cell.name.c_str(), cell.subunits.size());
    if (cell.mean_match)
      std::printf(", mean match with the %ld true ones %.3f", cell.true_spatial.shape[0], *cell.mean_match);
    std::printf("\n%9s %8s %8s %8s%s\n", "subunit", "x", "y", "weight",
                cell.truth.empty() ? "" : "    truth   correlation");
    for (std::size_t i = 0; i < cell.subunits.size(); ++i) {
      const auto& s = cell.subunits[i];
      std::printf("%9zu %8.2f %8.2f %7.1f %%", i, s.place.x, s.place.y, 100 * s.weight);
      if (!cell.truth.empty()) {
        if (cell.truth[i].index < 0)
          std::printf("%9s %13s", "none", "-");
        else
          std::printf("%9ld %13.3f", cell.truth[i].index, cell.truth[i].correlation);
      }
      std::printf("\n");
    }
  }
}

int reveal_verb(const RunOptions& options, const Context& context) {
  const auto info = plexiform::read_run(options.run);
  const auto cells = plexiform::reveal_run(options.run, info, plexiform::open_run_recording(info, options.moved_to));
  if (context.common.json)
    std::printf("%s\n", plexiform::to_json(cells).c_str());
  else
    print_subunits(cells);
  for (const auto& cell : cells)
    if (!cell.error.empty()) return static_cast<int>(plexiform::ErrorKind::data);
  return 0;
}
