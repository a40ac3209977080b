#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "plexiform/progress/json_lines_impl.hpp"
#include "plexiform/report/cell_pictures_impl.hpp"
#include "plexiform/report/packed_impl.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

/// Of the scored frames on a page, and of the trials of repeated ones: what 200 cells may take of 20 MB.
constexpr std::size_t kTraceFrames = 6000;
constexpr std::size_t kRasterEntries = 100'000;

NdArray<double> wide(const NdArray<float>& values) {
  NdArray<double> array(values.shape);
  std::ranges::copy(values.values, array.values.begin());
  return array;
}

json packed(const NdArray<float>& values) {
  return packed(wide(values));
}

json place(double x, double y) {
  return {{"x", x}, {"y", y}};
}

json output_json(const OutputCurve& curve) {
  return {{"drive", packed(curve.drive)},
          {"rate", packed(curve.rate)},
          {"seen_drive", packed(curve.seen_drive)},
          {"seen_rate", packed(curve.seen_rate)},
          {"seen_error", packed(curve.seen_error)}};
}

/// Of a temporal filter [lag] whose spatial partner has a positive peak.
std::string type_of(std::span<const float> temporal) {
  const auto peak =
      std::ranges::max_element(temporal, {}, [](float v) { return std::isfinite(v) ? std::abs(v) : 0.0F; });
  return *peak > 0 ? "ON" : "OFF";
}

/// Rows and columns that hold all of some maps [map, height, width].
struct Crop {
  std::int64_t top, bottom, left, right;  ///< inclusive
};

Crop crop_of(const std::vector<const NdArray<double>*>& all) {
  const auto height = all[0]->shape[1], width = all[0]->shape[2];
  Crop c{height, -1, width, -1};
  for (const auto* maps : all)
    for (std::size_t i = 0; i < maps->values.size(); ++i) {
      if (maps->values[i] == 0) continue;
      const auto y = static_cast<std::int64_t>(i) / width % height, x = static_cast<std::int64_t>(i) % width;
      c.top = std::min(c.top, y), c.bottom = std::max(c.bottom, y);
      c.left = std::min(c.left, x), c.right = std::max(c.right, x);
    }
  return c.bottom < 0 ? Crop{0, height - 1, 0, width - 1} : c;
}

NdArray<double> cropped(const NdArray<double>& maps, const Crop& c) {
  NdArray<double> part({maps.shape[0], c.bottom - c.top + 1, c.right - c.left + 1});
  auto out = part.values.begin();
  for (std::int64_t i = 0; i < maps.shape[0]; ++i)
    for (std::int64_t y = c.top; y <= c.bottom; ++y)
      for (std::int64_t x = c.left; x <= c.right; ++x)
        *out++ = maps.row(i)[static_cast<std::size_t>(y * maps.shape[2] + x)];
  return part;
}

NdArray<double> first_of(const std::vector<double>& values, std::size_t most) {
  NdArray<double> array({static_cast<std::int64_t>(std::min(most, values.size()))});
  std::copy_n(values.begin(), array.values.size(), array.values.begin());
  return array;
}

json trace_json(const CellScore& s) {
  return {{"counts", packed(first_of(s.counts, kTraceFrames))},
          {"rate", packed(first_of(s.rate, kTraceFrames))},
          {"ln_rate", packed(first_of(s.ln_rate, kTraceFrames))}};
}

/// Frames that were shown in all of several trials, in order, each with the bins that showed it: those of the most
/// common number of trials.
std::vector<std::vector<std::size_t>> repeated_frames(const CellScore& s) {
  std::map<std::int64_t, std::vector<std::size_t>> bins_of;
  for (std::size_t i = 0; i < s.frame.size(); ++i) bins_of[s.frame[i]].push_back(i);
  std::map<std::size_t, std::size_t> frames_with;  // so many trials
  for (const auto& [frame, bins] : bins_of)
    if (bins.size() > 1) ++frames_with[bins.size()];
  std::vector<std::vector<std::size_t>> repeated;
  if (frames_with.empty()) return repeated;
  const auto trials = std::ranges::max_element(frames_with, {}, [](const auto& entry) { return entry.second; })->first;
  for (auto& [frame, bins] : bins_of)
    if (bins.size() == trials && (repeated.size() + 1) * trials <= kRasterEntries) repeated.push_back(std::move(bins));
  return repeated;
}

json raster_json(const CellScore& s, const std::vector<std::vector<std::size_t>>& frames) {
  const auto n = static_cast<std::int64_t>(frames.size());
  const std::size_t trials = frames[0].size();
  NdArray<double> counts({static_cast<std::int64_t>(trials), n}), rate({n}), ln_rate({n});
  for (std::size_t f = 0; f < frames.size(); ++f) {
    for (std::size_t t = 0; t < trials; ++t) counts.values[t * frames.size() + f] = s.counts[frames[f][t]];
    rate.values[f] = s.rate[frames[f][0]];
    ln_rate.values[f] = s.ln_rate[frames[f][0]];
  }
  return {{"counts", packed(counts)}, {"rate", packed(rate)}, {"ln_rate", packed(ln_rate)}};
}

}  // namespace

void add_fitted(json& cell, const FittedArrays& f) {
  const json corner = place(static_cast<double>(f.x), static_cast<double>(f.y));
  cell["type"] = f.found_by == "variance" ? "ON-OFF" : type_of(f.ln_temporal.values);
  cell["average"] = {{"corner", corner}, {"values", packed(f.average)}};
  cell["network"] = {{"corner", corner},
                     {"subunits", f.subunits},
                     {"spatial", packed(f.spatial)},
                     {"temporal", packed(f.temporal)},
                     {"map", packed(f.map)},
                     {"map_corner", place(f.map_x, f.map_y)},
                     {"output", output_json(f.output)}};
  cell["linear"] = {
      {"spatial", packed(f.ln_spatial)}, {"temporal", packed(f.ln_temporal)}, {"output", output_json(f.ln_output)}};
}

namespace {

/// Maps of subunits, [subunit, height, width].
NdArray<double> spatial_of(std::span<const Subunit> subunits) {
  if (subunits.empty()) return {};
  const auto& shape = subunits.front().spatial.shape;
  NdArray<double> all({static_cast<std::int64_t>(subunits.size()), shape[0], shape[1]});
  for (std::size_t i = 0; i < subunits.size(); ++i)
    std::ranges::copy(subunits[i].spatial.values, all.row(static_cast<std::int64_t>(i)).begin());
  return all;
}

/// Their time courses, [subunit, lag].
NdArray<double> temporal_of(std::span<const Subunit> subunits) {
  if (subunits.empty()) return {};
  NdArray<double> all(
      {static_cast<std::int64_t>(subunits.size()), static_cast<std::int64_t>(subunits.front().temporal.size())});
  for (std::size_t i = 0; i < subunits.size(); ++i)
    std::ranges::copy(subunits[i].temporal, all.row(static_cast<std::int64_t>(i)).begin());
  return all;
}

}  // namespace

void add_maps(json& cell, const CellSubunits& revealed) {
  const auto spatial = spatial_of(revealed.subunits), suppressive = spatial_of(revealed.suppressive);
  auto linear = wide(revealed.linear);
  linear.shape.insert(linear.shape.begin(), 1);
  const auto truth = revealed.true_spatial.values.empty() ? NdArray<double>() : wide(revealed.true_spatial);
  std::vector<const NdArray<double>*> all{&linear};
  for (const auto* maps : {&spatial, &suppressive, &truth})
    if (!maps->values.empty()) all.push_back(maps);
  const Crop crop = crop_of(all);
  auto field = cropped(linear, crop);
  field.shape.erase(field.shape.begin());
  json& maps = cell["maps"] = {{"corner", place(static_cast<double>(crop.left), static_cast<double>(crop.top))},
                               {"linear", packed(field)}};
  if (!spatial.values.empty()) {
    maps["spatial"] = packed(cropped(spatial, crop));
    maps["temporal"] = packed(temporal_of(revealed.subunits));
  }
  if (!suppressive.values.empty()) {
    maps["suppressive_spatial"] = packed(cropped(suppressive, crop));
    maps["suppressive_temporal"] = packed(temporal_of(revealed.suppressive));
  }
  if (!truth.values.empty()) maps["truth"] = packed(cropped(truth, crop));
}

void add_rates(json& cell, const CellScore& scored) {
  cell["trace"] = trace_json(scored);
  if (const auto repeated = repeated_frames(scored); !repeated.empty()) cell["raster"] = raster_json(scored, repeated);
}

void add_training(json& cell, const std::filesystem::path& metrics) {
  std::vector<std::string> order;
  std::map<std::string, json> losses;
  for (const auto& line : read_json_lines(metrics)) {
    const auto fit = line.find("fit"), loss = line.find("validation_loss");
    if (fit == line.end() || !fit->is_string() || loss == line.end()) continue;
    const std::string name = *fit;
    if (!losses.contains(name)) order.push_back(name), losses[name] = json::array();
    // Six digits: a picture shows no more, and 200 cells have a hundred thousand of these.
    losses[name].push_back(loss->is_number() ? json(std::round(loss->get<double>() * 1e6) / 1e6) : json());
  }
  cell["training"] = json::array();
  for (const auto& fit : order) cell["training"].push_back({{"fit", fit}, {"loss", losses[fit]}});
}

}  // namespace plexiform
