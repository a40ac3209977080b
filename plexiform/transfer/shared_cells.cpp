#include "plexiform/transfer/shared_cells.hpp"

#include <algorithm>
#include <optional>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

std::string some_names(const NamedRecording& of) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < of.cells.size() && i < kMost; ++i)
    text += (i == 0 ? "'" : ", '") + shown_name(*of.recording, of.cells[i]) + "'";
  return of.name + " has " + text + (of.cells.size() > kMost ? ", ..." : "");
}

[[noreturn]] void refuse_strangers(std::span<const NamedRecording> recordings, CellMatch match) {
  std::string text;
  for (const auto& recording : recordings) text += (text.empty() ? "" : "; ") + some_names(recording);
  if (match == CellMatch::by_row)
    throw Error(ErrorKind::data, "no cell is in all recordings in one row: " + text,
                "give recordings that hold the same cells");
  throw Error(ErrorKind::data, "no cell is in all recordings under one name: " + text,
              "cells are matched by name: give the same cells the same names where the recordings are imported")
      .mended_by("names");
}

/// Rows in each recording of the first one's cells: [recording][cell of the first].
using Rows = std::vector<std::vector<std::optional<std::int64_t>>>;

Rows match_all(std::span<const NamedRecording> recordings, CellMatch match) {
  Rows rows;
  const auto names = [](const NamedRecording& of) { return names_of(of.name, *of.recording, of.cells); };
  const CellNames first = names(recordings[0]);
  for (const auto& other : recordings) rows.push_back(same_cells(first, names(other), match));
  return rows;
}

/// Cells of the others that the first recording does not hold.
std::vector<std::string> strangers(std::span<const NamedRecording> recordings, const Rows& rows) {
  std::vector<std::string> names;
  for (std::size_t r = 1; r < recordings.size(); ++r)
    for (const auto cell : recordings[r].cells) {
      if (std::ranges::find(rows[r], std::optional(cell)) != rows[r].end()) continue;
      const std::string name = shown_name(*recordings[r].recording, cell);
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  return names;
}

}  // namespace

SharedCells shared_cells(std::span<const NamedRecording> recordings, CellMatch match) {
  const Rows rows = match_all(recordings, match);
  const NamedRecording& first = recordings[0];
  SharedCells shared;
  const auto leave_out = [&](const std::string& name) { shared.left_out.push_back(name + " (not in all recordings)"); };
  for (std::size_t i = 0; i < first.cells.size(); ++i) {
    SharedCell cell{shown_name(*first.recording, first.cells[i]), {}};
    for (const auto& of : rows)
      if (of[i]) cell.row.push_back(*of[i]);
    if (cell.row.size() < recordings.size()) {
      leave_out(cell.name);
      continue;
    }
    for (std::size_t other = 1; other < recordings.size(); ++other)
      require_same_truth(cell.name, first.name, *first.recording, cell.row[0], recordings[other].name,
                         *recordings[other].recording, cell.row[other]);
    shared.cells.push_back(std::move(cell));
  }
  for (const auto& name : strangers(recordings, rows)) leave_out(name);
  if (shared.cells.empty()) refuse_strangers(recordings, match);
  return shared;
}

}  // namespace plexiform
