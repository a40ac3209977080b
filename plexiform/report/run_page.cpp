#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/report/page.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json read_json(const fs::path& path, const std::string& verb) {
  if (!fs::exists(path))
    throw Error(ErrorKind::file, path.string() + ": not there", "make it first: plexiform " + verb);
  try {
    return json::parse(read_text(path));
  } catch (const json::exception& problem) {
    throw Error(ErrorKind::file, path.string() + ": damaged: " + problem.what(), "make it again: plexiform " + verb);
  }
}

/// Rows and columns that hold all of a cell's filters, of the grid [height, width].
struct Crop {
  std::int64_t top, bottom, left, right;  ///< inclusive
};

Crop crop_of(const NdArray<double>& maps) {
  Crop c{maps.shape[1], -1, maps.shape[2], -1};
  for (std::int64_t i = 0; i < maps.shape[0]; ++i)
    for (std::int64_t y = 0; y < maps.shape[1]; ++y)
      for (std::int64_t x = 0; x < maps.shape[2]; ++x)
        if (maps.row(i)[static_cast<std::size_t>(y * maps.shape[2] + x)] != 0) {
          c.top = std::min(c.top, y), c.bottom = std::max(c.bottom, y);
          c.left = std::min(c.left, x), c.right = std::max(c.right, x);
        }
  return c;
}

NdArray<double> cropped(std::span<const double> map, std::int64_t width, const Crop& c) {
  NdArray<double> part({c.bottom - c.top + 1, c.right - c.left + 1});
  auto out = part.values.begin();
  for (std::int64_t y = c.top; y <= c.bottom; ++y)
    for (std::int64_t x = c.left; x <= c.right; ++x) *out++ = map[static_cast<std::size_t>(y * width + x)];
  return part;
}

std::string with_interval(const json& model, const std::string& value, const std::string& interval) {
  if (!model.contains(value) || !model[value].is_number()) return "-";
  char text[96];
  if (model.contains(interval) && model[interval][0].is_number() && model[interval][1].is_number())
    std::snprintf(text, sizeof text, "%.3f (95 %%: %.3f to %.3f)", model[value].get<double>(),
                  model[interval][0].get<double>(), model[interval][1].get<double>());
  else
    std::snprintf(text, sizeof text, "%.3f", model[value].get<double>());
  return text;
}

void add_scores(CellPage& page, const json& score, double frame_rate) {
  const auto& ln = score.at("ln");
  page.figures = {{"correlation", with_interval(score, "cc", "cc_interval")},
                  {"correlation, LN", with_interval(ln, "cc", "cc_interval")},
                  {"bits per spike", with_interval(score, "bits_per_spike", "bits_interval")},
                  {"bits per spike, LN", with_interval(ln, "bits_per_spike", "bits_interval")},
                  {"spikes in the scored frames", std::to_string(score["n_spikes"].get<std::int64_t>())}};
  if (score.contains("true_rate_cc"))
    page.figures.emplace_back("correlation to the true rate", with_interval(score, "true_rate_cc", ""));
  if (!score.contains("trace")) return;
  const auto per_second = [&](const json& values) {
    auto list = values.get<std::vector<double>>();
    for (double& v : list) v *= frame_rate;
    return list;
  };
  page.counts = per_second(score["trace"]["counts"]);
  page.rate = per_second(score["trace"]["rate"]);
  page.ln_rate = per_second(score["trace"]["ln_rate"]);
}

std::string formatted(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// What reveal says of the cell as a whole.
void add_statements(CellPage& page, const json& cell) {
  if (cell.contains("verdict")) {
    std::string verdict = cell.at("verdict").get<std::string>();
    if (cell.contains("p_value")) verdict += " (p " + formatted("%.2g", cell.at("p_value").get<double>()) + ")";
    page.figures.emplace_back("verdict", verdict);
  }
  std::string number = std::to_string(cell.at("subunits").size());
  if (cell.contains("n_interval"))
    number += " (90 % of resamples: " + formatted("%.0f", cell.at("n_interval")[0].get<double>()) + " to " +
              formatted("%.0f", cell.at("n_interval")[1].get<double>()) + ")";
  page.figures.emplace_back("subunits", number);
  if (cell.contains("remark")) page.figures.emplace_back("remark", cell.at("remark").get<std::string>());
}

void add_subunits(CellPage& page, const json& cell, const Hdf5File& file, const std::string& group) {
  add_statements(page, cell);
  if (cell.at("subunits").empty()) return;  // too little data to name any
  const auto spatial = file.read<double>(group + "/spatial");
  const auto temporal = file.read<double>(group + "/temporal");
  const auto linear = file.read<double>(group + "/linear");
  const auto width = spatial.shape[2];
  const bool has_truth = file.has(group + "/truth");
  const auto truth = has_truth ? file.read<double>(group + "/truth") : NdArray<double>();
  NdArray<double> all = spatial;
  all.values.insert(all.values.end(), linear.values.begin(), linear.values.end());
  ++all.shape[0];
  const Crop crop = crop_of(all);
  page.linear = cropped(linear.values, width, crop);
  for (std::int64_t i = 0; i < spatial.shape[0]; ++i) {
    const auto& entry = cell.at("subunits").at(static_cast<std::size_t>(i));
    SubunitPicture s;
    s.spatial = cropped(spatial.row(i), width, crop);
    s.temporal.assign(temporal.row(i).begin(), temporal.row(i).end());
    if (entry.contains("confidence")) s.confidence = entry["confidence"].get<double>();
    s.weight = entry["weight"], s.x = entry["x"], s.y = entry["y"];
    if (has_truth && entry.contains("truth") && !entry["truth"].is_null()) {
      s.truth_correlation = entry["truth"]["corr"].get<double>();
      const auto index = entry["truth"]["index"].get<std::int64_t>();
      if (index < 0 || index >= truth.shape[0])
        throw Error(ErrorKind::file,
                    "subunits.json names true subunit " + std::to_string(index) + ", reveal.h5 has " +
                        std::to_string(truth.shape[0]),
                    "make them again: plexiform reveal");
      s.truth = cropped(truth.row(index), width, crop);
    }
    page.subunits.push_back(std::move(s));
  }
}

}  // namespace

ReportPage read_run_page(const fs::path& run) {
  const json score = read_json(run / "score.json", "score " + run.string());
  const json subunits = read_json(run / "subunits.json", "reveal " + run.string());
  const Hdf5File file = Hdf5File::open(run / "reveal.h5");
  ReportPage page;
  try {
    page.title = "plexiform: " + subunits.at("recording").get<std::string>();
    page.how = subunits.at("made_by");
    page.frame_rate = subunits.at("frame_rate");
    for (const auto& cell : subunits.at("cells")) {
      CellPage entry;
      entry.name = cell.at("name");
      const auto number = cell.at("cell").get<std::int64_t>();
      const auto same = std::find_if(score.at("cells").begin(), score.at("cells").end(),
                                     [&](const json& s) { return s.at("cell") == number; });
      if (cell.contains("error"))
        entry.error = cell["error"];
      else if (same == score.at("cells").end())
        entry.error = "not scored; run plexiform score again";
      else if (same->contains("error"))
        entry.error = (*same)["error"];
      if (entry.error.empty()) {
        add_scores(entry, *same, page.frame_rate);
        add_subunits(entry, cell, file, "/cell_" + std::to_string(number));
      }
      page.cells.push_back(std::move(entry));
    }
  } catch (const json::exception& problem) {
    throw Error(
        ErrorKind::file,
        run.string() + ": score.json or subunits.json has another form than this version writes: " + problem.what(),
        "make them again: plexiform score, plexiform reveal");
  }
  return page;
}

}  // namespace plexiform
