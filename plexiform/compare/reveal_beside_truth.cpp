#include "plexiform/compare/reveal_beside_truth.hpp"

#include <chrono>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/evaluate/recovery.hpp"
#include "plexiform/model/torch_errors_impl.hpp"

namespace plexiform {

RevealedFit reveal_beside_truth(const CellFit& fit, const Recording& recording, const Split& split,
                                const RevealFitSettings& settings, std::uint64_t seed, const Context& context) {
  const auto begun = std::chrono::steady_clock::now();
  const auto own_seed = derived_seed(seed, static_cast<std::uint64_t>(fit.cell));
  RevealedFit revealed;
  try {
    revealed = as_numeric_error("revealing this cell",
                                [&] { return reveal_fit(fit, recording, split, settings, own_seed, context); });
    compare_with_truth(revealed.subunits, recording);
  } catch (const Error& error) {
    revealed = nothing_revealed(recording, fit.cell, noted(error));
  }
  revealed.subunits.cell = fit.cell;
  revealed.subunits.name = shown_name(recording, fit.cell);
  revealed.subunits.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return revealed;
}

RevealedFit nothing_revealed(const Recording& recording, std::int64_t cell, const std::string& error) {
  RevealedFit revealed;
  revealed.subunits.cell = cell;
  revealed.subunits.name = shown_name(recording, cell);
  revealed.subunits.error = error;
  return revealed;
}

}  // namespace plexiform
