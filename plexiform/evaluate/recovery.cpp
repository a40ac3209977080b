#include "plexiform/evaluate/recovery.hpp"

#include <algorithm>

#include "plexiform/score/score.hpp"

namespace plexiform {
namespace {

std::vector<double> as_double(std::span<const float> values) {
  return std::vector<double>(values.begin(), values.end());
}

}  // namespace

namespace {

std::vector<TruthMatch> match(const NdArray<float>& found, const Circuit& truth,
                              std::span<const std::int64_t> driving) {
  const std::int64_t n = found.values.empty() ? 0 : found.shape[0];
  NdArray<double> similarity({n, static_cast<std::int64_t>(driving.size())});
  for (std::int64_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < driving.size(); ++j)
      similarity.row(i)[j] = correlation(as_double(found.row(i)), as_double(truth.spatial.row(driving[j])));
  const auto partner = assign(similarity);
  std::vector<TruthMatch> matches(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < matches.size(); ++i)
    if (partner[i] >= 0)
      matches[i] = {driving[static_cast<std::size_t>(partner[i])],
                    similarity.row(static_cast<std::int64_t>(i))[static_cast<std::size_t>(partner[i])]};
  return matches;
}

}  // namespace

std::vector<TruthMatch> match_truth(const NdArray<float>& found, const Circuit& truth) {
  return match(found, truth, driving_subunits(truth));
}

std::vector<TruthMatch> match_suppressive(const NdArray<float>& found, const Circuit& truth) {
  return match(found, truth, suppressive_subunits(truth));
}

double mean_match(std::span<const TruthMatch> matches, const Circuit& truth) {
  double sum = 0;
  for (const auto& match : matches)
    if (match.index >= 0) sum += match.correlation;
  return sum / static_cast<double>(driving_subunits(truth).size());
}

Recovery recovery_of(std::span<const TruthMatch> matches, const Circuit& truth) {
  const auto is_found = [](const TruthMatch& match) { return match.index >= 0 && match.correlation >= kFoundAbove; };
  return {mean_match(matches, truth), std::count_if(matches.begin(), matches.end(), is_found)};
}

NdArray<float> spatial_filters(std::span<const Subunit> subunits) {
  if (subunits.empty()) return {};
  const auto& shape = subunits[0].spatial.shape;
  NdArray<float> all({static_cast<std::int64_t>(subunits.size()), shape[0], shape[1]});
  for (std::size_t i = 0; i < subunits.size(); ++i)
    std::ranges::copy(subunits[i].spatial.values, all.row(static_cast<std::int64_t>(i)).begin());
  return all;
}

NdArray<float> on_grid(const NdArray<float>& filters, const Window& window, std::int64_t height, std::int64_t width) {
  NdArray<float> all({filters.shape[0], height, width});
  for (std::int64_t k = 0; k < filters.shape[0]; ++k)
    for (std::int64_t y = 0; y < window.height; ++y)
      for (std::int64_t x = 0; x < window.width; ++x)
        all.row(k)[static_cast<std::size_t>((window.y + y) * width + window.x + x)] =
            filters.row(k)[static_cast<std::size_t>(y * window.width + x)];
  return all;
}

void compare_with_truth(CellSubunits& cell, const Recording& recording) {
  if (recording.truth.empty()) return;
  const Circuit& truth = recording.truth[static_cast<std::size_t>(cell.cell)];
  cell.truth = match_truth(spatial_filters(cell.subunits), truth);
  cell.suppressive_truth = match_suppressive(spatial_filters(cell.suppressive), truth);
  cell.mean_match = mean_match(cell.truth, truth);
  cell.true_spatial = truth.spatial;
  for (std::int64_t i = 0; i < truth.subunits(); ++i)
    cell.true_places.push_back(centre_of(truth.spatial.row(i), truth.spatial.shape[2]));
}

}  // namespace plexiform
