#include "plexiform/report/cell_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "plexiform/base/error.hpp"
#include "plexiform/progress/json_lines.hpp"
#include "plexiform/report/packed.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

/// Of the scored frames on a page, and of the trials of repeated ones: what 200 cells may take of 20 MB.
constexpr std::size_t kTraceFrames = 6000;
constexpr std::size_t kRasterEntries = 100'000;

[[noreturn]] void wrong_shape(const Hdf5File& file, const std::string& dataset, const std::string& expected) {
  throw Error(ErrorKind::file, file.path().string() + ": " + dataset + " does not have " + expected,
              "the file is damaged or of another version; make it again");
}

NdArray<double> read(const Hdf5File& file, const std::string& dataset, std::size_t axes) {
  auto array = file.read<double>(dataset);
  if (array.shape.size() != axes || array.values.empty())
    wrong_shape(file, dataset, std::to_string(axes) + " axes with something on each");
  return array;
}

double number(const Hdf5File& file, const std::string& object, const std::string& attribute) {
  const auto value = file.number(object, attribute);
  if (!value || !std::isfinite(*value)) wrong_shape(file, object, "the number '" + attribute + "'");
  return *value;
}

json place(double x, double y) {
  return {{"x", x}, {"y", y}};
}

json output_json(const Hdf5File& file, const std::string& group) {
  json output;
  for (const char* name : {"drive", "rate", "seen_drive", "seen_rate", "seen_error"})
    output[name] = packed(read(file, group + "/" + name, 1));
  return output;
}

/// Of a temporal filter [lag] whose spatial partner has a positive peak.
std::string type_of(std::span<const double> temporal) {
  const auto peak =
      std::ranges::max_element(temporal, {}, [](double v) { return std::isfinite(v) ? std::abs(v) : 0.0; });
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

/// What was scored, frame by frame.
struct Scored {
  std::vector<std::int64_t> frame;  ///< of the stimulus
  std::vector<double> counts, rate, ln_rate;
};

Scored read_scored(const Hdf5File& file, const std::string& group) {
  Scored s{file.read<std::int64_t>(group + "/frame").values, file.read<double>(group + "/counts").values,
           file.read<double>(group + "/rate").values, file.read<double>(group + "/ln_rate").values};
  if (s.frame.empty() || s.counts.size() != s.frame.size() || s.rate.size() != s.frame.size() ||
      s.ln_rate.size() != s.frame.size())
    wrong_shape(file, group, "frame, counts, rate and ln_rate of one length");
  return s;
}

NdArray<double> first_of(const std::vector<double>& values, std::size_t most) {
  NdArray<double> array({static_cast<std::int64_t>(std::min(most, values.size()))});
  std::copy_n(values.begin(), array.values.size(), array.values.begin());
  return array;
}

json trace_json(const Scored& s) {
  return {{"counts", packed(first_of(s.counts, kTraceFrames))},
          {"rate", packed(first_of(s.rate, kTraceFrames))},
          {"ln_rate", packed(first_of(s.ln_rate, kTraceFrames))}};
}

/// Frames that were shown in all of several trials, in order, each with the bins that showed it: those of the most
/// common number of trials.
std::vector<std::vector<std::size_t>> repeated_frames(const Scored& s) {
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

json raster_json(const Scored& s, const std::vector<std::vector<std::size_t>>& frames) {
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

void add_fitted(json& cell, const Hdf5File& file) {
  const json corner = place(number(file, "/", "x"), number(file, "/", "y"));
  const auto temporal = read(file, "/ln/temporal", 1);
  cell["type"] = file.text("/", "found_by") == "variance" ? "ON-OFF" : type_of(temporal.values);
  cell["average"] = {{"corner", corner}, {"values", packed(read(file, "/average", 3))}};
  cell["network"] = {{"corner", corner},
                     {"subunits", file.text("/network", "subunits").value_or("")},
                     {"spatial", packed(read(file, "/network/spatial", 3))},
                     {"temporal", packed(read(file, "/network/temporal", 2))},
                     {"map", packed(read(file, "/network/map", 3))},
                     {"map_corner", place(number(file, "/network", "map_x"), number(file, "/network", "map_y"))},
                     {"output", output_json(file, "/network/output")}};
  cell["linear"] = {{"spatial", packed(read(file, "/ln/spatial", 2))},
                    {"temporal", packed(temporal)},
                    {"output", output_json(file, "/ln/output")}};
}

void add_maps(json& cell, const Hdf5File& file, const std::string& group) {
  if (!file.has(group)) return;  // too little data to name a subunit
  const auto spatial = read(file, group + "/spatial", 3);
  auto linear = read(file, group + "/linear", 2);
  linear.shape.insert(linear.shape.begin(), 1);
  const bool has_truth = file.has(group + "/truth");
  const auto truth = has_truth ? read(file, group + "/truth", 3) : NdArray<double>();
  std::vector<const NdArray<double>*> all{&spatial, &linear};
  if (has_truth) all.push_back(&truth);
  for (const auto* maps : all)
    if (maps->row_size() != spatial.row_size()) wrong_shape(file, group, "maps of one grid");
  const Crop crop = crop_of(all);
  auto field = cropped(linear, crop);
  field.shape.erase(field.shape.begin());
  cell["maps"] = {{"corner", place(static_cast<double>(crop.left), static_cast<double>(crop.top))},
                  {"linear", packed(field)},
                  {"spatial", packed(cropped(spatial, crop))},
                  {"temporal", packed(read(file, group + "/temporal", 2))}};
  if (has_truth) cell["maps"]["truth"] = packed(cropped(truth, crop));
}

void add_rates(json& cell, const Hdf5File& file, const std::string& group) {
  if (!file.has(group)) return;
  const Scored scored = read_scored(file, group);
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
