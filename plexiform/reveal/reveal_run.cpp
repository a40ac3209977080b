#include "plexiform/reveal/reveal_run.hpp"

#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

json subunit_json(const CellSubunits& cell, std::size_t i) {
  const Subunit& s = cell.subunits[i];
  json j = {{"x", s.place.x}, {"y", s.place.y}, {"weight", s.weight}};
  if (cell.truth.empty()) return j;
  const TruthMatch& match = cell.truth[i];
  j["truth"] = match.index < 0 ? json() : json({{"index", match.index}, {"corr", match.correlation}});
  return j;
}

json cell_json(const CellSubunits& cell) {
  json j = {{"cell", cell.cell}, {"name", cell.name}};
  if (!cell.error.empty()) {
    j["error"] = cell.error;
    return j;
  }
  j["n_subunits"] = cell.subunits.size();
  j["subunits"] = json::array();
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) j["subunits"].push_back(subunit_json(cell, i));
  if (cell.mean_match) j["mean_match"] = *cell.mean_match;
  return j;
}

json cells_json(const std::vector<CellSubunits>& cells) {
  json list = json::array();
  for (const auto& cell : cells) list.push_back(cell_json(cell));
  return list;
}

}  // namespace

std::vector<CellSubunits> reveal_run(const std::filesystem::path& run, const RunInfo& info,
                                     const Recording& recording) {
  std::vector<CellSubunits> cells;
  for (const auto number : info.cells) {
    CellSubunits cell;
    const auto folder = cell_folder(run, number);
    if (const auto error = cell_error(folder)) {
      cell.error = *error;
    } else {
      try {
        cell = reveal_cell(load_cell_fit(folder, number), recording);
      } catch (const Error& error) {
        cell.error = error.what();
      }
    }
    cell.cell = number;
    cell.name = recording.names[static_cast<std::size_t>(number)];
    cells.push_back(std::move(cell));
  }
  write_reveal(run / "reveal.h5", cells);
  const json file = {{"recording", info.recording.filename().string()},
                     {"made_by", "plexiform fit, seed " + std::to_string(info.seed) + ", " +
                                     std::to_string(info.threads) + " threads, preset " + info.settings.preset +
                                     ", recording " + info.recording.string() + " (checksum " + info.checksum + ")"},
                     {"frame_rate", recording.frame_rate},
                     {"cells", cells_json(cells)}};
  write_text_atomically(run / "subunits.json", file.dump(1) + "\n");
  return cells;
}

std::string to_json(const std::vector<CellSubunits>& cells) {
  return json({{"cells", cells_json(cells)}}).dump();
}

}  // namespace plexiform
