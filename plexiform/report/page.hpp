#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

struct SubunitPicture {
  NdArray<double> spatial;       ///< [rows, columns] around the cell, pixels
  std::vector<double> temporal;  ///< [lag]
  double weight = 0, x = 0, y = 0;
  std::optional<double> truth_correlation;  ///< with its true partner
  std::optional<NdArray<double>> truth;     ///< that partner
  std::optional<double> confidence{};       ///< that it is true
};

struct CellPage {
  std::string name;
  std::string error;                                         ///< shown in place of all else
  std::vector<std::pair<std::string, std::string>> figures;  ///< name, value
  NdArray<double> linear;                                    ///< spatial filter of the LN model
  std::vector<SubunitPicture> subunits;
  std::vector<double> counts, rate, ln_rate;  ///< a stretch of scored frames, spikes per second
};

struct ReportPage {
  std::string title;
  std::string how;  ///< the command and what else made it
  double frame_rate = 0;
  std::vector<CellPage> cells;
};

/// One self-contained HTML file: no script, no network.
std::string render_page(const ReportPage& page);

/// The page of a run, from its score.json, subunits.json and reveal.h5. Throws Error{file} that says which verb makes
/// what is missing.
ReportPage read_run_page(const std::filesystem::path& run);

}  // namespace plexiform
