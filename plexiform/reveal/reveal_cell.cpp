#include "plexiform/reveal/reveal_cell.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/recording/windows.hpp"
#include "plexiform/reveal/certainty.hpp"
#include "plexiform/reveal/find.hpp"
#include "plexiform/reveal/halves.hpp"
#include "plexiform/reveal/placed.hpp"
#include "plexiform/reveal/residual.hpp"
#include "plexiform/reveal/thresholds.hpp"
#include "plexiform/reveal/view.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {

using namespace reveal;

namespace {

void add_remark(CellSubunits& result, const std::string& text) {
  result.remark += (result.remark.empty() ? "" : "; ") + text;
}

/// The cell, and what is known of where it looks.
struct Cell {
  const Recording& recording;
  std::int64_t number = 0;
  const Split& split;
  const RevealSettings& settings;
  std::uint64_t seed = 0;
  View view;
  Movie movie;
  Placing placing() const { return {view.window, recording.stimulus->shape()}; }
};

/// The steps of revealing a cell, as its caller is told of them.
struct Steps {
  const Context& context;
  int all = 0;  ///< as far as is known
  int begun = 0;
};

void begin_step(Steps& steps, const std::string& what) {
  check_stop(steps.context);
  tell(steps.context,
       {"reveal: " + what, static_cast<double>(steps.begun++), static_cast<double>(steps.all), "steps", ""});
}

/// The bins that may be looked at, by a split for models that look back so far.
Split split_for(const Cell& cell, std::int64_t lags) {
  if (lags <= cell.split.lags()) return cell.split;
  SplitSettings settings = cell.split.settings();
  settings.lags = lags;
  return make_split(cell.recording, settings);
}

std::vector<Range> seen_bins(const Split& split) {
  std::vector<Range> bins = split.train();
  bins.insert(bins.end(), split.validation().begin(), split.validation().end());
  std::ranges::sort(bins, {}, &Range::begin);
  return bins;
}

void read_cell(Cell& cell, const Context& context) {
  cell.movie = {};  // two of them would be in memory at a time
  cell.movie = read_movie(cell.recording, cell.number, cell.view.window, cell.view.lags,
                          split_for(cell, cell.view.lags), context);
}

/// Where segments are too short for frames that look back so far, they look back as far as the split allows.
void limit_lags(Cell& cell, CellSubunits& result) {
  try {
    split_for(cell, cell.view.lags);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
    add_remark(result, "subunits look back " + std::to_string(cell.split.lags()) + " frames, not " +
                           std::to_string(cell.view.lags) + ", since few frames have so long a history");
    cell.view.lags = cell.split.lags();
  }
}

/// A window with a margin more on each side, as far as the grid goes.
Window wider(const Window& window, const FrameShape& grid) {
  const auto more = std::max<std::int64_t>(reveal::thresholds::kMargin, std::max(window.height, window.width) / 4);
  const auto y = std::max<std::int64_t>(window.y - more, 0), x = std::max<std::int64_t>(window.x - more, 0);
  return {y, x, std::min(window.y + window.height + more, grid.height) - y,
          std::min(window.x + window.width + more, grid.width) - x};
}

Grid grid_of(const Window& window) {
  return {window.height, window.width};
}

/// A search, and again in a larger window where subunits leave it.
template <class Find>
Found found_in_window(Cell& cell, Steps& steps, const std::string& what, const Find& find) {
  Found found = find(cell.movie);
  for (int i = 0; i < reveal::thresholds::kWiderWindows; ++i) {
    const Window window = wider(cell.view.window, cell.recording.stimulus->shape());
    const bool grows = window.height > cell.view.window.height || window.width > cell.view.window.width;
    if (!grows || share_outside(found.fit.model, grid_of(cell.view.window)) < reveal::thresholds::kOutside) break;
    ++steps.all;
    begin_step(steps, what + " in a larger window");
    cell.view.window = window;
    read_cell(cell, steps.context);
    found = find(cell.movie);
  }
  return found;
}

void say_outside(CellSubunits& result, const Found& found, const Cell& cell) {
  const double outside = share_outside(found.fit.model, grid_of(cell.view.window));
  if (outside < reveal::thresholds::kOutside) return;
  const FrameShape grid = cell.recording.stimulus->shape();
  const Window& window = cell.view.window;
  const bool whole = window.height == grid.height && window.width == grid.width;
  add_remark(result, std::to_string(std::lround(100 * outside)) +
                         " % of the receptive field lies outside the window of " + std::to_string(window.height) +
                         " x " + std::to_string(window.width) + " pixels" +
                         (whole ? ", which is all that was shown" : ""));
}

void say_too_little(CellSubunits& result, const std::string& why) {
  result.structure = StructureTest{};
  result.structure->verdict = Verdict::too_little_data;
  result.remark = "not enough data: " + why;
}

/// What the model of a cell is, but for its subunits.
void set_model(CellSubunits& result, const Found& found) {
  const Model& model = found.fit.model;
  result.power = std::exp(model.log_power.value);
  result.expansion = std::exp(model.log_expansion.value);
  result.functions = model.basis.count();
  if (model.surround) result.surround = {model.surround->strength, std::exp(model.surround->log_ratio)};
  result.covariates = plain_covariates(model, found.covariates);
  result.dispersion = found.fit.dispersion;
  for (const auto& change : found.tried)
    result.tried.push_back({change.what, change.parts, {change.gain.nats, change.gain.error}, change.taken});
}

/// The power that is nearest, in its name.
SubunitNonlinearity nonlinearity_of(const Found& found) {
  const bool even = std::ranges::all_of(found.fit.model.parts, [](const Part& part) { return part.even(); });
  const bool squares = std::exp(found.fit.model.log_power.value) > std::sqrt(2.0);
  if (even) return SubunitNonlinearity::squared;
  return squares ? SubunitNonlinearity::half_squared : SubunitNonlinearity::relu;
}

/// The model without what is not of the stimulus, fitted again; its divisive gain is that of its own past drive.
Found without_history(const Found& found, const Movie& movie, const Context& context) {
  Found out = found;
  FitSettings settings;
  settings.tolerance = reveal::thresholds::kFineTolerance;
  const Covariates none;
  double exponent = 0;
  for (std::size_t j = 0; j < found.fit.model.gains.size(); ++j)
    if (found.covariates.what[j].kind == CovariateKind::divisive) exponent = found.fit.model.gains[j];
  const auto fit_with = [&](Covariates covariates, std::vector<double> gains) {
    out.covariates = std::move(covariates);
    out.fit.model.gains = std::move(gains);
    out.fit = fit_model(out.fit.model, {movie, out.covariates, {}}, settings, context);
  };
  if (exponent == 0 && !found.fit.model.gains.empty()) fit_with({}, {});
  for (int i = 0; exponent != 0 && i < reveal::thresholds::kRenewals; ++i) {
    Model bare = out.fit.model;
    bare.gains.clear();
    const double gain = i == 0 ? exponent : out.fit.model.gains.front();
    fit_with(divisive_covariate(movie, model_rates(bare, {movie, none, {}}, context)), {gain});
  }
  return out;
}

/// Such a model on the stimulus' own contrast.
SubunitModel predicting(const Found& alone, const Movie& movie, const Window& window) {
  SubunitModel out{alone.fit.model, {}, window};
  if (!alone.covariates.what.empty()) out.divisive = alone.covariates.what.front();
  for (auto& part : out.model.parts)
    for (double& q : part.mix) q /= movie.contrast;
  return out;
}

/// Bits per spike on the validation blocks, of the model fitted on the others; none without a spike there.
std::optional<double> validation_bits(const Found& found, const Movie& movie, const Context& context) {
  double spikes = 0, frames = 0;
  std::vector<double> training(movie.blocks.size(), 1.0);
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const Block& block = movie.blocks[b];
    if (!block.validation) continue;
    training[b] = 0;
    for (std::size_t t = block.begin; t < block.begin + block.length; ++t)
      spikes += static_cast<double>(movie.counts[t]), frames += static_cast<double>(movie.use[t]);
  }
  if (!(spikes > 0)) return std::nullopt;
  FitSettings settings;
  settings.tolerance = reveal::thresholds::kFineTolerance;
  const Model model = fit_model(found.fit.model, {movie, found.covariates, training}, settings, context).model;
  const Evaluation at = evaluate(model, {movie, found.covariates, {}}, false, context);
  double nats = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b)
    if (movie.blocks[b].validation) nats += at.block[b];
  return bits_of_likelihood(nats, spikes, frames);
}

/// The model that predicts, and how well it does.
void set_minimal(Revealed& revealed, const Found& found, const Cell& cell, const Context& context) {
  const Found alone = without_history(found, cell.movie, context);
  revealed.minimal = predicting(alone, cell.movie, cell.view.window);
  if (const auto bits = validation_bits(alone, cell.movie, context))
    revealed.subunits.validation_bits = ValidationBits{0, *bits};
}

void reveal_subunits(Revealed& revealed, Cell& cell, Steps& steps) {
  const Context& context = steps.context;
  CellSubunits& result = revealed.subunits;
  begin_step(steps, "searching for subunits");
  const Found found = found_in_window(cell, steps, "searching for subunits", [&](const Movie& movie) {
    return find_subunits(movie, cell.settings.search, cell.seed, context);
  });
  result.window = cell.view.window;
  std::optional<Sure> sure;
  if (!cell.settings.quick) {
    begin_step(steps, "testing what is left");
    result.residual =
        plain_residual(residual_test(found.fit, cell.movie, found.covariates, cell.seed, context), cell.placing());
    begin_step(steps, "asking how sure that is");
    sure = Sure{certainty_of(found, cell.movie, cell.seed, context), *result.residual};
  }
  if (cell.settings.halves) {
    begin_step(steps, "searching each half");
    if (const auto why = obstacle_to_halves(cell.movie); why.empty())
      result.halves = halves_of(cell.movie, cell.settings.search, cell.placing(), cell.seed, context);
    else
      add_remark(result, "halves not compared: " + why);
  }
  set_model(result, found);
  result.nonlinearity = nonlinearity_of(found);
  result.subunits = placed_subunits(found, 1, sure ? &*sure : nullptr, cell.placing());
  result.suppressive = placed_subunits(found, -1, sure ? &*sure : nullptr, cell.placing());
  if (sure) {
    result.number = number_interval(sure->certainty.excitatory, result.subunits.size());
    result.suppressive_number = number_interval(sure->certainty.suppressive, result.suppressive.size());
    result.resampled_numbers = sure->certainty.excitatory;
  }
  result.minimal_number = found.fit.model.parts.size();
  set_minimal(revealed, found, cell, context);
  say_outside(result, found, cell);
}

/// No evidence: one linear filter.
void reveal_one_filter(Revealed& revealed, Cell& cell, const Basis& basis, const OneFilter& filter, Steps& steps) {
  const Context& context = steps.context;
  begin_step(steps, "fitting one filter");
  CellSubunits& result = revealed.subunits;
  const Found found = find_one_filter(cell.movie, basis, filter, cell.settings.search, context);
  result.window = cell.view.window;
  set_model(result, found);
  result.nonlinearity = SubunitNonlinearity::linear;
  result.minimal_number = 1;
  result.subunits = placed_subunits(found, found.fit.model.parts.front().sign, nullptr, cell.placing());
  set_minimal(revealed, found, cell, context);
  if (!result.validation_bits)
    add_remark(result, "no spike in the validation blocks");
  else if (!(result.validation_bits->subunits > 0))
    add_remark(result, "no response to this stimulus was found on the validation blocks");
  else
    say_outside(result, found, cell);
}

}  // namespace

Revealed reveal_cell(const Recording& recording, std::int64_t number, const Place& centre, const Split& split,
                     const RevealSettings& settings, std::uint64_t seed, const Context& context) {
  Steps steps{context, (settings.quick ? 2 : 5) + (settings.halves ? 1 : 0)};
  begin_step(steps, "looking for the receptive field");
  Cell cell{recording, number, split, settings, seed, {}, {}};
  cell.view = choose_view(recording, number, centre, seen_bins(split), context);
  Revealed revealed;
  CellSubunits& result = revealed.subunits;
  limit_lags(cell, result);
  read_cell(cell, context);
  result.cell = number;
  result.spikes = cell.movie.spikes();
  result.window = cell.view.window;
  result.lags = cell.view.lags;
  if (result.spikes == 0) throw Error(ErrorKind::data, "the cell has no spike in training and validation blocks");
  BasisFound basis;
  OneFilterTest test;
  if (!settings.quick) {
    begin_step(steps, "testing for structure");
    basis = first_basis(cell.movie, settings.search.functions, seed, context);
    basis.responds = basis.responds || cell.view.field_seen;
    test = test_one_filter(cell.movie, basis, settings.structure, seed, context);
    if (!test.cannot.empty() && !test.for_the_stimulus) {
      say_too_little(result, test.cannot);
      return revealed;
    }
    if (test.cannot.empty())
      result.structure = plain_test(test);
    else
      add_remark(result, "not tested for structure: " + test.cannot);
  }
  if (result.structure && result.structure->verdict == Verdict::no_evidence) {
    steps.all = steps.begun + 1;
    reveal_one_filter(revealed, cell, basis.basis, test.filter, steps);
  } else {
    reveal_subunits(revealed, cell, steps);
  }
  return revealed;
}

}  // namespace plexiform
