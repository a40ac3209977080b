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
    std::printf(" (p %.2g): subunits over one linear filter %+.3f +- %.3f bits per spike, held out%s\n", test.p_value,
                test.effect_bits, test.effect_error, still_unseen(test).c_str());
}

void print_number(const plexiform::CellSubunits& cell) {
  if (!cell.number) return;
  std::printf("  %zu subunits (90 %% of resamples: %.0f to %.0f; peaks of the map: %zu; minimal network: %zu%s), %s\n",
              cell.subunits.size(), cell.number->low, cell.number->high, cell.map_number, cell.minimal_number,
              cell.morans_i.empty() ? "" : " of its filters", plexiform::to_string(cell.nonlinearity).c_str());
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

void print_subunit(const plexiform::CellSubunits& cell, std::size_t i) {
  const auto& s = cell.subunits[i];
  std::printf("%9zu %8.2f %8.2f %6.2f x %4.2f %7.1f %%", i, s.place.x, s.place.y, s.size.major, s.size.minor,
              100 * s.weight);
  if (s.certainty) std::printf(" %11.2f", s.certainty->confidence);
  if (!cell.truth.empty()) {
    if (cell.truth[i].index < 0)
      std::printf("%9s %13s", "none", "-");
    else
      std::printf("%9ld %13.3f", cell.truth[i].index, cell.truth[i].correlation);
  }
  std::printf("\n");
}

}  // namespace

void print_subunits(const std::vector<plexiform::CellSubunits>& cells) {
  for (const auto& cell : cells) {
    if (!cell.error.empty()) {
      std::printf("cell %ld (%s): %s\n", cell.cell, cell.name.c_str(), cell.error.c_str());
      continue;
    }
    std::printf("cell %ld (%s): %s", cell.cell, cell.name.c_str(),
                plexiform::counted(static_cast<std::int64_t>(cell.subunits.size()), "subunit").c_str());
    if (cell.mean_match)
      std::printf(", mean match with the %ld true ones %.3f", cell.true_spatial.shape[0], *cell.mean_match);
    std::printf("\n");
    print_verdict(cell);
    print_number(cell);
    print_networks(cell);
    print_tried(cell);
    if (!cell.remark.empty()) std::printf("  %s\n", cell.remark.c_str());
    if (cell.subunits.empty()) continue;
    std::printf("%9s %8s %8s %13s %9s%s%s\n", "subunit", "x", "y", "size (sd)", "weight",
                cell.subunits[0].certainty ? "  confidence" : "", cell.truth.empty() ? "" : "    truth   correlation");
    for (std::size_t i = 0; i < cell.subunits.size(); ++i) print_subunit(cell, i);
  }
}

int reveal_verb(const RunOptions& options, const Caller& caller) {
  const auto info = plexiform::read_run(options.run);
  plexiform::RevealSettings reveal;
  reveal.quick = options.quick;
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
    print_subunits(cells);
  for (const auto& cell : cells)
    if (!cell.error.empty()) return exit_code(plexiform::ErrorKind::data);
  return 0;
}
