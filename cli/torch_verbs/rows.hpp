#pragma once
#include <string>
#include <utility>
#include <vector>

#include "caller.hpp"
#include "plexiform/progress/piece.hpp"

/// What the rows of --verbose hold: first what tells pieces apart, then seconds, figures, or the error.
struct RowForm {
  bool value_and_seed = false, cell = false, name = false, method = false;
  std::vector<std::pair<std::string, std::string>> figures;  ///< heading, name of the figure
  bool chosen = false;
};

/// A row on standard error for each piece that is over, above the progress line, under a heading. Empty without
/// --verbose.
plexiform::PieceSink piece_rows(const RowForm& form, const Caller& caller);
