#include "plexiform/jobs/compare.hpp"

#include <cmath>
#include <cstdio>

#include "cells.hpp"
#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/comparison_json.hpp"
#include "rows.hpp"
#include "verbs.hpp"

namespace {

/// "0.531 (0.498 to 0.562)"; the value alone where the frames make too few blocks for an interval.
std::string with_interval(double value, const plexiform::Interval& interval, const char* sign = "") {
  const std::string number = std::string("%") + sign + ".3f";
  char text[64];
  if (std::isfinite(interval.low) && std::isfinite(interval.high))
    std::snprintf(text, sizeof text, (number + " (" + number + " to " + number + ")").c_str(), value, interval.low,
                  interval.high);
  else
    std::snprintf(text, sizeof text, number.c_str(), value);
  return text;
}

std::string number(const std::optional<double>& value, const char* format) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, *value);
  return text;
}

void print_method(const plexiform::MethodResult& m, const std::optional<std::int64_t>& truths) {
  if (!m.error.empty()) {
    std::printf("%-16s %s\n", m.method.c_str(), m.error.c_str());
    return;
  }
  const std::string found = m.found && truths ? std::to_string(*m.found) + "/" + std::to_string(*truths) : "-";
  const std::string gain = m.method == "ln" ? "-" : with_interval(m.gain, m.gain_interval, "+");
  std::printf("%-16s %-44s %-24s %-26s %-27s %6s %6s %6s %7s\n", m.method.c_str(), m.chosen.c_str(),
              with_interval(m.score.cc, m.score.cc_interval).c_str(),
              with_interval(m.score.bits_per_spike, m.score.bits_interval).c_str(), gain.c_str(),
              number(m.score.true_rate_cc, "%.3f").c_str(), number(m.mean_match, "%.3f").c_str(), found.c_str(),
              number(m.seconds, "%.1f").c_str());
}

void print_comparison(const plexiform::Comparison& all) {
  std::printf("scored on the %s; 95 %% intervals over blocks of time; found: match of 0.9 or better\n",
              all.scored_on.c_str());
  for (const auto& cell : all.cells) {
    std::printf("cell %ld (%s), %.0f spikes\n", cell.cell, cell.name.c_str(), cell.n_spikes);
    std::printf("%-16s %-44s %-24s %-26s %-27s %6s %6s %6s %7s\n", "method", "chosen", "correlation", "bits per spike",
                "bits beyond LN", "true", "match", "found", "seconds");
    for (const auto& method : cell.methods) print_method(method, cell.true_subunits);
  }
}

}  // namespace

int compare_verb(const CompareOptions& options, const Caller& caller) {
  plexiform::CompareRequest request;
  request.recording = options.recording;
  request.folder = options.folder;
  request.cells = parse_cells(options.cells);
  request.test = options.test_block;
  request.seed = caller.common.seed_or_zero();
  const RowForm form{.cell = true,
                     .name = true,
                     .method = true,
                     .figures = {{"validation bits", plexiform::kValidationBits}},
                     .chosen = true};
  plexiform::Comparison all;
  plexiform::logged_call(request.folder, {caller.command, {}},
                         [&] { all = plexiform::compare_recording(request, caller.lent(), piece_rows(form, caller)); });
  if (caller.common.json)
    std::printf("%s\n", plexiform::to_json(all).c_str());
  else
    print_comparison(all);
  // A method that finds nothing is a result; a cell that could not be fitted is not.
  for (const auto& cell : all.cells)
    if (!cell.methods.front().error.empty()) return exit_code(plexiform::ErrorKind::data);
  return 0;
}
