#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <sstream>
#include <string>

#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/jobs/reveal_run.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/subunits_json.hpp"
#include "verbs.hpp"

namespace {

/// What an absence of evidence is worth.
std::string still_unseen(const plexiform::StructureTest& test) {
  if (test.verdict == plexiform::Verdict::structured) return "";
  std::ostringstream text;
  text << std::fixed << std::setprecision(3) << "; an effect of " << test.visible_bits << " would have been detected";
  return text.str();
}

void print_verdict(const plexiform::CellSubunits& cell) {
  if (!cell.structure) return;
  const auto& test = *cell.structure;
  std::printf("  %s", plexiform::to_string(test.verdict).c_str());
  if (test.verdict == plexiform::Verdict::too_little_data)
    std::printf("\n");
  else
    std::printf(" (p %.2g): more than one filter promises %+.3f bits per spike%s\n", test.p_value, test.effect_bits,
                still_unseen(test).c_str());
}

/// "5 to 6", or "5".
std::string range_text(const plexiform::Interval& interval) {
  const auto low = std::llround(interval.low), high = std::llround(interval.high);
  return low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
}

void print_number(const plexiform::CellSubunits& cell) {
  if (!cell.number) return;
  std::printf("  %zu subunits (90 %% of resamples: %s", cell.subunits.size(), range_text(*cell.number).c_str());
  if (cell.suppressive_number && cell.suppressive_number->high > 0)
    std::printf("), %zu suppressive (%s", cell.suppressive.size(), range_text(*cell.suppressive_number).c_str());
  std::printf("); peaks of the network's map: %zu; minimal network: %zu%s\n", cell.map_number, cell.minimal_number,
              cell.morans_i.empty() ? "" : " of its filters");
}

/// What the number is worth: whether more spikes would show more.
void print_halves(const plexiform::CellSubunits& cell) {
  if (!cell.halves) return;
  const auto& h = *cell.halves;
  const auto whole = cell.subunits.size() + cell.suppressive.size();
  std::printf("  %zu at %.0f spikes; %zu and %zu at half as many%s\n", whole, cell.spikes, h.number[0], h.number[1],
              std::max(h.number[0], h.number[1]) < whole ? ": more spikes would show more" : "");
  std::printf("  sure subunits of the halves: %zu and %zu, of which %zu are the same; %zu with one half mirrored\n",
              h.sure[0], h.sure[1], h.again, h.by_chance);
}

/// Nonlinearities, time courses, surround and covariates.
void print_model(const plexiform::CellSubunits& cell) {
  if (cell.subunits.empty() && cell.suppressive.empty()) return;
  const bool one = cell.nonlinearity == plexiform::SubunitNonlinearity::linear;
  std::string text = "  " + (one ? "one filter" : plexiform::to_string(cell.nonlinearity));
  char number[96];
  const auto add = [&](const char* format, auto... values) {
    std::snprintf(number, sizeof number, format, values...);
    text += number;
  };
  if (!one) add(" (power %.2f)", cell.power);
  if (std::abs(cell.expansion - 1) > 1e-9) add(", output to the power %.2f", cell.expansion);
  add(cell.functions == 1 ? ", one time course" : ", time courses mixed of %zu functions", cell.functions);
  if (cell.surround && cell.surround->strength < 0)
    add(", each with a foot %.1f times as wide", cell.surround->ratio);
  else if (cell.surround)
    add(", surround of strength %.2f and %.1f times the size", cell.surround->strength, cell.surround->ratio);
  for (const auto& covariate : cell.covariates)
    if (covariate.what == "divisive gain")
      add(", divisive gain of exponent %.2f", covariate.exponent);
    else
      add(", %s (%zu numbers)", covariate.what.c_str(), covariate.numbers);
  std::printf("%s\n", text.c_str());
}

/// Whether that is all.
void print_residual(const plexiform::CellSubunits& cell) {
  if (!cell.residual) return;
  const auto& test = *cell.residual;
  if (test.missing.empty())
    std::printf("  nothing more to be seen; a subunit of %.2g bits per spike would have been\n", test.visible_bits);
  else
    std::printf("  %s is not described (%.2g bits per spike)\n", test.missing.c_str(), test.missed_bits);
}

/// Which form of network the fit kept, and the best of another form.
void print_networks(const plexiform::CellSubunits& cell) {
  const plexiform::TriedNetwork *kept = nullptr, *next = nullptr;
  for (const auto& n : cell.networks)
    if (n.kept) kept = &n;
  if (kept == nullptr) return;
  for (const auto& n : cell.networks)
    if (n.form != kept->form && (next == nullptr || n.validation_loss < next->validation_loss)) next = &n;
  if (next == nullptr) return;
  const double behind = next->validation_loss - kept->validation_loss;
  std::printf("  network: %s; runner-up: %s, %s by %.4f nats a validation frame\n", kept->form.c_str(),
              next->form.c_str(), behind >= 0 ? "behind" : "within its error, ahead", std::abs(behind));
}

/// What was tried last, and how close it came.
void print_tried(const plexiform::CellSubunits& cell) {
  const plexiform::Tried* closest = nullptr;
  for (const auto& t : cell.tried)
    if (!t.taken && (closest == nullptr || t.gain.nats > closest->gain.nats)) closest = &t;
  if (closest != nullptr)
    std::printf(
        "  %zu models were tried; closest rejected: %s, %zu subunits, held-out difference %.1f +- "
        "%.1f nats\n",
        cell.tried.size(), closest->change.c_str(), closest->subunits, closest->gain.nats, closest->gain.error);
}

void print_subunit(const plexiform::Subunit& s, std::size_t i, const char* sign, double frame_ms,
                   const plexiform::TruthMatch* truth) {
  std::printf("%6s %2zu %8.2f %8.2f %6.2f x %4.2f %7.1f %% %8.0f %7.0f", sign, i, s.place.x, s.place.y, s.size.major,
              s.size.minor, 100 * s.weight, frame_ms * s.latency, frame_ms * s.width);
  if (s.certainty) std::printf(" %11.2f", s.certainty->confidence);
  if (truth != nullptr) {
    if (truth->index < 0)
      std::printf("%9s %13s", "none", "-");
    else
      std::printf("%9ld %13.3f", truth->index, truth->correlation);
  }
  std::printf("\n");
}

/// "ON" or "OFF", by the sign of the time course where it is strongest; "both".
const char* polarity_of(const plexiform::Subunit& s) {
  if (s.even) return "both";
  float strongest = 0;
  for (const float v : s.temporal)
    if (std::abs(v) > std::abs(strongest)) strongest = v;
  return strongest > 0 ? "ON" : "OFF";
}

void print_table(const plexiform::CellSubunits& cell, double frame_ms) {
  const bool sure = !cell.subunits.empty() && cell.subunits[0].certainty.has_value();
  std::printf("%9s %8s %8s %13s %9s %8s %7s%s%s\n", "subunit", "x", "y", "size (sd)", "weight", "latency", "width",
              sure ? "  confidence" : "", cell.truth.empty() ? "" : "    truth   correlation");
  for (std::size_t i = 0; i < cell.subunits.size(); ++i)
    print_subunit(cell.subunits[i], i, polarity_of(cell.subunits[i]), frame_ms,
                  cell.truth.empty() ? nullptr : &cell.truth[i]);
  if (cell.suppressive.empty()) return;
  std::printf("  suppressive\n");
  for (std::size_t i = 0; i < cell.suppressive.size(); ++i)
    print_subunit(cell.suppressive[i], i, polarity_of(cell.suppressive[i]), frame_ms,
                  cell.suppressive_truth.empty() ? nullptr : &cell.suppressive_truth[i]);
}

}  // namespace

void print_subunits(const std::vector<plexiform::CellSubunits>& cells, double frame_rate) {
  for (const auto& cell : cells) {
    if (!cell.error.empty()) {
      std::printf("cell %ld (%s): %s\n", cell.cell, cell.name.c_str(), cell.error.c_str());
      continue;
    }
    std::printf("cell %ld (%s): %s", cell.cell, cell.name.c_str(),
                plexiform::counted(static_cast<std::int64_t>(cell.subunits.size()), "subunit").c_str());
    if (!cell.suppressive.empty()) std::printf(" and %zu suppressive", cell.suppressive.size());
    if (cell.mean_match && !cell.subunits.empty())
      std::printf(", mean match with the true ones %.3f", *cell.mean_match);
    std::printf("\n");
    print_verdict(cell);
    print_residual(cell);
    print_number(cell);
    print_halves(cell);
    print_model(cell);
    print_networks(cell);
    print_tried(cell);
    if (!cell.remark.empty()) std::printf("  %s\n", cell.remark.c_str());
    if (!cell.subunits.empty() || !cell.suppressive.empty()) print_table(cell, 1000 / frame_rate);
  }
}

int reveal_verb(const RunOptions& options, const Caller& caller) {
  const auto info = plexiform::read_run(options.run);
  plexiform::RevealFitSettings reveal;
  reveal.reveal.quick = options.quick;
  reveal.reveal.halves = options.halves;
  if (options.prune == "autocorrelation") reveal.pruning = plexiform::Pruning::autocorrelation;
  const auto recording = plexiform::open_run_recording(info, options.moved_to, caller.lent());
  std::vector<plexiform::CellSubunits> cells;
  try {
    plexiform::logged_call(options.run, {caller.command, {}}, [&] {
      cells = plexiform::subunits_of(
          plexiform::reveal_run(options.run, info, recording, reveal, caller.common.seed_or_zero(), caller.lent()));
    });
  } catch (const plexiform::Interrupted&) {
    if (!caller.common.quiet)
      std::fprintf(stderr, "plexiform: finished cells are kept; the same command continues with the others\n");
    throw;
  }
  if (caller.common.json)
    std::printf("%s\n", plexiform::to_json(cells).c_str());
  else
    print_subunits(cells, plexiform::bins_per_second(recording));
  for (const auto& cell : cells)
    if (!cell.error.empty()) return exit_code(plexiform::ErrorKind::data);
  return 0;
}
