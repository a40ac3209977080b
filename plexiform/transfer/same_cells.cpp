#include "plexiform/transfer/same_cells.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Row of each name.
std::map<std::string, std::int64_t> rows_of(const NamedRecording& of) {
  std::map<std::string, std::int64_t> rows;
  for (const auto cell : of.cells) {
    const auto& name = of.recording->names[static_cast<std::size_t>(cell)];
    if (!rows.emplace(name, cell).second)
      throw Error(ErrorKind::data,
                  of.name + ": two cells are called '" + name + "', so that cells cannot be told by name",
                  "give each its own name: import ... --names");
  }
  return rows;
}

std::string some_names(const NamedRecording& of) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < of.cells.size() && i < kMost; ++i)
    text += (i == 0 ? "'" : ", '") + of.recording->names[static_cast<std::size_t>(of.cells[i])] + "'";
  return of.name + " has " + text + (of.cells.size() > kMost ? ", ..." : "");
}

bool same_circuit(const Circuit& a, const Circuit& b) {
  return a.spatial.shape == b.spatial.shape && a.spatial.values == b.spatial.values &&
         a.temporal.values == b.temporal.values && a.weight.values == b.weight.values &&
         a.nonlinearity == b.nonlinearity && a.output == b.output && a.amplitude == b.amplitude &&
         a.threshold == b.threshold && a.gain == b.gain;
}

void require_same_truth(const std::string& name, const NamedRecording& a, std::int64_t row_a, const NamedRecording& b,
                        std::int64_t row_b) {
  if (a.recording->truth.empty() || b.recording->truth.empty()) return;
  if (same_circuit(a.recording->truth[static_cast<std::size_t>(row_a)],
                   b.recording->truth[static_cast<std::size_t>(row_b)]))
    return;
  throw Error(ErrorKind::data,
              "'" + name + "' is another cell in " + a.name + " than in " + b.name + ": their true circuits differ",
              "simulate with the same preset, seed and settings; only the stimulus may be another");
}

}  // namespace

SharedCells shared_cells(const std::vector<NamedRecording>& recordings) {
  std::vector<std::map<std::string, std::int64_t>> rows;
  for (const auto& recording : recordings) rows.push_back(rows_of(recording));
  SharedCells shared;
  std::vector<std::string> seen;
  for (std::size_t r = 0; r < recordings.size(); ++r)
    for (const auto cell : recordings[r].cells) {
      const auto& name = recordings[r].recording->names[static_cast<std::size_t>(cell)];
      if (std::ranges::find(seen, name) != seen.end()) continue;
      seen.push_back(name);
      SharedCell one{name, {}};
      for (const auto& of : rows)
        if (const auto at = of.find(name); at != of.end()) one.row.push_back(at->second);
      if (one.row.size() < recordings.size()) {
        shared.left_out.push_back(name + " (not in all recordings)");
        continue;
      }
      for (std::size_t other = 1; other < recordings.size(); ++other)
        require_same_truth(name, recordings[0], one.row[0], recordings[other], one.row[other]);
      shared.cells.push_back(std::move(one));
    }
  if (!shared.cells.empty()) return shared;
  std::string text;
  for (const auto& recording : recordings) text += (text.empty() ? "" : "; ") + some_names(recording);
  throw Error(ErrorKind::data, "no cell is in all recordings under one name: " + text,
              "cells are matched by name: import ... --names");
}

}  // namespace plexiform
