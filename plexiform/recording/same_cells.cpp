#include "plexiform/recording/same_cells.hpp"

#include <algorithm>
#include <map>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr const char* kAdvice =
    "give cells their names where the recordings are imported, or match by row if both have the same cells in the same "
    "rows";

/// Row of each name that somebody gave.
std::map<std::string, std::int64_t> rows_of(const CellNames& of) {
  std::map<std::string, std::int64_t> rows;
  for (std::size_t i = 0; i < of.cells.size(); ++i) {
    if (of.names[i].empty()) continue;
    const auto [first, is_new] = rows.emplace(of.names[i], of.cells[i]);
    if (is_new) continue;
    throw Error(ErrorKind::data,
                of.of + ": cells " + std::to_string(first->second) + " and " + std::to_string(of.cells[i]) +
                    " are both called '" + of.names[i] + "', so that cells cannot be matched by name",
                kAdvice)
        .mended_by("by_row");
  }
  return rows;
}

/// One cell of them, or all.
[[noreturn]] void refuse_unnamed(const CellNames& of, std::optional<std::int64_t> cell = {}) {
  const std::string which = cell ? "cell " + std::to_string(*cell) + " has" : "its cells have";
  const Error error(ErrorKind::data, which + " no name, so that cells cannot be matched by name", kAdvice);
  throw(cell ? error.of_cell(*cell) : error).at(of.of).mended_by("by_row");
}

bool same_circuit(const Circuit& a, const Circuit& b) {
  return a.spatial.shape == b.spatial.shape && a.spatial.values == b.spatial.values &&
         a.temporal.values == b.temporal.values && a.weight.values == b.weight.values &&
         a.nonlinearity == b.nonlinearity && a.output == b.output && a.amplitude == b.amplitude &&
         a.threshold == b.threshold && a.gain == b.gain && a.divisive_gain == b.divisive_gain &&
         a.pool_mean == b.pool_mean && a.pool_frames == b.pool_frames;
}

}  // namespace

CellNames names_of(const std::string& of, const Recording& recording) {
  return names_of(of, recording, checked_cells({}, recording));
}

CellNames names_of(const std::string& of, const Recording& recording, const std::vector<std::int64_t>& cells) {
  CellNames named{of, cells, {}};
  for (const auto cell : cells) named.names.push_back(recording.names[static_cast<std::size_t>(cell)]);
  return named;
}

std::vector<std::optional<std::int64_t>> same_cells(const CellNames& here, const CellNames& there, CellMatch match) {
  std::vector<std::optional<std::int64_t>> rows(here.cells.size());
  if (match == CellMatch::by_row) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (std::ranges::find(there.cells, here.cells[i]) != there.cells.end()) rows[i] = here.cells[i];
    return rows;
  }
  if (std::ranges::all_of(here.names, &std::string::empty)) refuse_unnamed(here);
  if (std::ranges::all_of(there.names, &std::string::empty)) refuse_unnamed(there);
  const auto unnamed = std::ranges::find_if(here.names, &std::string::empty);
  if (unnamed != here.names.end()) {
    const auto at = static_cast<std::size_t>(unnamed - here.names.begin());
    refuse_unnamed(here, here.cells[at]);
  }
  rows_of(here);
  const auto known = rows_of(there);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (const auto found = known.find(here.names[i]); found != known.end()) rows[i] = found->second;
  return rows;
}

void require_same_truth(const std::string& name, const std::string& a_name, const Recording& a, std::int64_t row_a,
                        const std::string& b_name, const Recording& b, std::int64_t row_b) {
  if (a.truth.empty() || b.truth.empty()) return;
  if (same_circuit(a.truth[static_cast<std::size_t>(row_a)], b.truth[static_cast<std::size_t>(row_b)])) return;
  throw Error(ErrorKind::data,
              "'" + name + "' is another cell in " + a_name + " than in " + b_name + ": their true circuits differ",
              "simulate with the same preset, seed and settings; only the stimulus may be another");
}

}  // namespace plexiform
