#include "plexiform/report/run_page.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/progress/call.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/report/cell_pictures.hpp"
#include "plexiform/report/read_json.hpp"
#include "plexiform/settings/run.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr auto kArray = json::value_t::array, kObject = json::value_t::object, kText = json::value_t::string,
               kNumber = json::value_t::number_float, kWhole = json::value_t::number_integer;

/// What the verbs after `fit` left in a run, where they were run.
struct RunFiles {
  json score, revealed;  ///< null where there is none
  std::optional<Hdf5File> rates, maps;
  std::map<std::int64_t, double> seconds;  ///< that the fit of a cell took
};

std::map<std::int64_t, double> fit_seconds(const fs::path& run) {
  std::map<std::int64_t, double> seconds;
  for (const PieceRecord& record : read_metrics(run / "metrics.jsonl").pieces)
    if (record.piece.cell && record.state == PieceState::done) seconds[*record.piece.cell] = record.result.seconds;
  return seconds;
}

RunFiles open_files(const fs::path& run) {
  RunFiles files;
  const auto open = [&](const char* name) {
    return fs::exists(run / name) ? std::optional(Hdf5File::open(run / name)) : std::nullopt;
  };
  if (const fs::path path = run / "score.json"; fs::exists(path)) {
    files.score = read_json(path, "score " + run.string());
    require_keys(files.score, {{"scored_on", kText}, {"cells", kArray}}, path, "score " + run.string());
  }
  if (const fs::path path = run / "subunits.json"; fs::exists(path)) {
    files.revealed = read_json(path, "reveal " + run.string());
    require_keys(files.revealed, {{"cells", kArray}}, path, "reveal " + run.string());
  }
  files.rates = open("rates.h5");
  files.maps = open("reveal.h5");
  files.seconds = fit_seconds(run);
  return files;
}

/// The entry of a cell in score.json or subunits.json; null where there is none.
json entry_of(const json& file, std::int64_t cell) {
  if (file.is_null()) return {};
  const auto& cells = file.at("cells");
  const auto found = std::ranges::find_if(cells, [&](const json& entry) { return entry.at("cell") == cell; });
  return found == cells.end() ? json() : *found;
}

json without(json entry, std::initializer_list<const char*> keys) {
  for (const char* key : keys) entry.erase(key);
  return entry;
}

void add_remark(json& cell, const std::string& what, const json& error) {
  cell["remarks"].push_back(what + ": " + error.get<std::string>());
}

void add_score(json& cell, const json& entry, const fs::path& run) {
  if (entry.is_null()) return;
  if (entry.contains("error")) return add_remark(cell, "not scored", entry.at("error"));
  require_keys(entry,
               {{"cc", kNumber},
                {"cc_interval", kArray},
                {"bits_per_spike", kNumber},
                {"bits_interval", kArray},
                {"bits_gain_interval", kArray},
                {"n_spikes", kWhole},
                {"n_frames", kWhole},
                {"ln", kObject}},
               run / "score.json", "score " + run.string());
  if (entry.contains("finished")) cell["finished"] = entry.at("finished");
  cell["score"] = without(entry, {"cell", "blocks", "subunit_nonlinearity", "finished", "trace"});
}

void add_revealed(json& cell, const json& entry, const fs::path& run) {
  if (entry.is_null()) return;
  if (entry.contains("error")) return add_remark(cell, "nothing revealed", entry.at("error"));
  require_keys(entry, {{"n_subunits", kWhole}, {"subunits", kArray}}, run / "subunits.json", "reveal " + run.string());
  cell["revealed"] = without(entry, {"cell", "name", "n_of_resamples"});
}

json cell_json(const fs::path& run, const RunInfo& info, const RunFiles& files, std::int64_t number) {
  const fs::path folder = cell_folder(run, number);
  const std::string group = "/cell_" + std::to_string(number);
  const auto name = info.names.find(number);
  json cell = {{"cell", number}, {"name", name == info.names.end() ? "cell " + std::to_string(number) : name->second}};
  if (const auto error = cell_error(folder)) {
    cell["error"] = *error;
    return cell;
  }
  if (const auto seconds = files.seconds.find(number); seconds != files.seconds.end())
    cell["seconds"] = seconds->second;
  add_score(cell, entry_of(files.score, number), run);
  add_revealed(cell, entry_of(files.revealed, number), run);
  if (fs::exists(folder / "fitted.h5")) add_fitted(cell, Hdf5File::open(folder / "fitted.h5"));
  if (files.maps && cell.contains("revealed")) add_maps(cell, *files.maps, group);
  if (files.rates && cell.contains("score")) add_rates(cell, *files.rates, group);
  if (fs::exists(folder / "metrics.jsonl")) add_training(cell, folder / "metrics.jsonl");
  return cell;
}

json recording_json(const RunInfo& info) {
  json recording = {{"name", info.recording.filename().string()}};
  if (!info.geometry) return recording;
  recording["channels"] = info.geometry->shape.channels;
  recording["rows"] = info.geometry->shape.height;
  recording["columns"] = info.geometry->shape.width;
  recording["frame_rate"] = info.geometry->frame_rate;
  if (info.geometry->pixel_um) recording["pixel_um"] = *info.geometry->pixel_um;
  return recording;
}

/// "lags = 20", a line each.
json settings_json(const Settings& settings) {
  json list = json::array();
  std::istringstream lines(to_toml(settings));
  for (std::string line; std::getline(lines, line);)
    if (const auto equals = line.find(" = "); equals != std::string::npos)
      list.push_back({{"name", line.substr(0, equals)}, {"value", line.substr(equals + 3)}});
  return list;
}

void add_missing(json& page, const fs::path& run, const RunFiles& files) {
  json missing = json::array();
  if (!is_done(run)) missing.push_back("the fit has not ended: plexiform fit --resume -o " + shell_word(run.string()));
  if (files.score.is_null()) missing.push_back("not scored: plexiform score " + shell_word(run.string()));
  if (files.revealed.is_null()) missing.push_back("no subunits revealed: plexiform reveal " + shell_word(run.string()));
  if (!missing.empty()) page["missing"] = missing;
}

}  // namespace

void add_calls(json& made, const fs::path& folder) {
  for (const Call& call : read_calls(folder)) {
    made["commands"].push_back({{"command", call.command}, {"version", call.version}});
    for (const Source& source : call.sources) {
      json file = {{"what", source.what}, {"path", source.path.string()}};
      if (!source.checksum.empty()) file["checksum"] = source.checksum;
      made["files"].push_back(std::move(file));
    }
  }
}

void add_shared_settings(json& made, const std::vector<fs::path>& runs) {
  json settings, seed;
  for (const fs::path& run : runs) {
    const RunInfo info = read_run(run);
    const json own = settings_json(info.settings);
    if (settings.is_null()) settings = own, seed = std::to_string(info.seed);
    json both = json::array();
    for (const json& entry : settings)
      if (std::ranges::find(own, entry) != own.end()) both.push_back(entry);
    settings = std::move(both);
    if (seed != std::to_string(info.seed)) seed = nullptr;
  }
  if (!settings.is_null()) made["settings"] = std::move(settings);
  if (seed.is_string()) made["seed"] = std::move(seed);
}

void add_run(json& page, const fs::path& run) {
  const RunInfo info = read_run(run);
  const RunFiles files = open_files(run);
  page["recording"] = recording_json(info);
  if (!files.score.is_null()) page["scored_on"] = files.score.at("scored_on");
  page["cells"] = json::array();
  for (const auto number : info.cells) page["cells"].push_back(cell_json(run, info, files, number));
  json& made = page["made"];
  add_calls(made, run);
  made["seed"] = std::to_string(info.seed);
  made["threads"] = info.threads;
  made["settings"] = settings_json(info.settings);
  made["files"].push_back({{"what", "recording"}, {"path", info.recording.string()}, {"checksum", info.checksum}});
  add_missing(page, run, files);
}

}  // namespace plexiform
