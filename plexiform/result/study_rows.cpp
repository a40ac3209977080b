#include "plexiform/result/study_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "plexiform/base/error.hpp"
#include "plexiform/score/student.hpp"

namespace plexiform {
namespace {

/// A measure over the pieces of one value: cells averaged within a seed, then over seeds.
template <class Measure>
std::optional<Estimate> over_seeds(std::span<const StudyPiece> pieces, double value, const Measure& measure) {
  std::map<std::uint64_t, std::vector<double>> by_seed;
  for (const auto& piece : pieces) {
    if (piece.value != value || !piece.error.empty()) continue;
    const std::optional<double> found = measure(piece);
    if (found && std::isfinite(*found)) by_seed[piece.seed].push_back(*found);
  }
  std::vector<double> means;
  for (const auto& [seed, all] : by_seed) {
    double sum = 0;
    for (const double v : all) sum += v;
    means.push_back(sum / static_cast<double>(all.size()));
  }
  if (means.empty()) return std::nullopt;
  return estimate(means);
}

}  // namespace

Estimate estimate(std::span<const double> of_seeds) {
  if (of_seeds.empty()) throw InternalError("an estimate of no values");
  const auto n = static_cast<double>(of_seeds.size());
  Estimate e;
  e.seeds = static_cast<std::int64_t>(of_seeds.size());
  for (const double v : of_seeds) e.mean += v / n;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  e.interval = {-kInfinity, kInfinity};
  if (e.seeds < 2) return e;
  double squares = 0;
  for (const double v : of_seeds) squares += (v - e.mean) * (v - e.mean);
  const double half = student_quantile(0.025, static_cast<int>(e.seeds - 1)) * std::sqrt(squares / (n - 1) / n);
  e.interval = {e.mean - half, e.mean + half};
  return e;
}

std::vector<StudyRow> study_rows(std::span<const StudyPiece> pieces, std::span<const double> values) {
  std::vector<StudyRow> rows;
  for (const double value : values) {
    const auto over = [&](auto member) {
      return over_seeds(pieces, value, [member](const StudyPiece& p) { return std::optional<double>(p.*member); });
    };
    StudyRow& row = rows.emplace_back();
    row.value = value;
    row.bits_per_spike = over(&StudyPiece::bits_per_spike);
    row.cc = over(&StudyPiece::cc);
    row.true_rate_cc = over(&StudyPiece::true_rate_cc);
    row.number = over(&StudyPiece::number);
    row.mean_match = over(&StudyPiece::mean_match);
    row.found = over(&StudyPiece::found);
    row.network_number = over(&StudyPiece::network_number);
    row.network_match = over(&StudyPiece::network_match);
    row.failed = std::count_if(pieces.begin(), pieces.end(),
                               [&](const StudyPiece& p) { return p.value == value && !p.error.empty(); });
  }
  return rows;
}

}  // namespace plexiform
