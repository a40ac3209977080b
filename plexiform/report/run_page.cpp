#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/report/cell_pictures_impl.hpp"
#include "plexiform/report/run_page_impl.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/fitted_file.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/rates_file.hpp"
#include "plexiform/run/reveal_file.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/run/score_json.hpp"
#include "plexiform/run/subunits_json.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// What the verbs after `fit` left in a run, where they were run.
struct RunFiles {
  Home home;  ///< what they must be; it has the models of cells whose fits had ended before anything else was read
  std::optional<RunScore> score;
  std::optional<SubunitsFile> revealed;
  json score_entries = json::array(), revealed_entries = json::array();  ///< of the cells of the two, in their order
  std::optional<Hdf5File> rates, maps;
  std::map<std::int64_t, double> seconds;  ///< that the fit of a cell took
};

std::map<std::int64_t, double> fit_seconds(const fs::path& run) {
  std::map<std::int64_t, double> seconds;
  for (const PieceRecord& record : read_metrics(layout::log(run)).pieces)
    if (record.piece.cell && record.state == PieceState::done) seconds[*record.piece.cell] = record.result.seconds;
  return seconds;
}

RunFiles open_files(const fs::path& run, const RunInfo& info) {
  RunFiles files;
  require_whole(run, info);
  files.home = home_of(run, info);
  if (path_exists(layout::score(run))) {
    files.score = read_score(run, files.home);
    files.score_entries = json::parse(to_json(*files.score)).at("cells");
  }
  if (path_exists(layout::subunits(run))) {
    files.revealed = read_subunits(run, files.home);
    files.revealed_entries = json::parse(to_json(files.revealed->cells)).at("cells");
  }
  if (path_exists(layout::rates(run))) files.rates = open_rates(layout::rates(run), files.home);
  if (path_exists(layout::reveal(run))) files.maps = open_reveal(run, files.home);
  files.seconds = fit_seconds(run);
  return files;
}

json without(json entry, std::initializer_list<const char*> keys) {
  for (const char* key : keys) entry.erase(key);
  return entry;
}

void add_remark(json& cell, const std::string& what, const std::string& error) {
  cell["remarks"].push_back(what + ": " + error);
}

void add_score(json& cell, const RunFiles& files, std::int64_t number) {
  if (!files.score) return;
  const auto& cells = files.score->cells;
  const auto found = std::ranges::find(cells, number, &CellScore::cell);
  if (found == cells.end()) return;
  if (!found->error.empty()) return add_remark(cell, "not scored", found->error);
  cell["finished"] = found->ended;
  cell["score"] = without(files.score_entries.at(static_cast<std::size_t>(found - cells.begin())), {"blocks"});
  CellScore scored = *found;
  if (files.rates && read_rates(*files.rates, files.home, scored)) add_rates(cell, scored);
}

void add_revealed(json& cell, const RunFiles& files, std::int64_t number) {
  if (!files.revealed) return;
  const auto& cells = files.revealed->cells;
  const auto found = std::ranges::find(cells, number, &CellSubunits::cell);
  if (found == cells.end()) return;
  if (!found->error.empty()) return add_remark(cell, "nothing revealed", found->error);
  cell["revealed"] =
      without(files.revealed_entries.at(static_cast<std::size_t>(found - cells.begin())), {"null", "n_of_resamples"});
  CellSubunits revealed = *found;
  if (files.maps && read_maps(*files.maps, files.home, revealed)) add_maps(cell, revealed);
}

json cell_json(const fs::path& run, const RunInfo& info, const RunFiles& files, std::int64_t number) {
  const fs::path folder = cell_folder(run, number);
  const auto name = info.names.find(number);
  json cell = {{"cell", number}, {"name", name == info.names.end() ? "cell " + std::to_string(number) : name->second}};
  if (const auto error = cell_error(folder)) {
    cell["error"] = *error;
    return cell;
  }
  if (const auto seconds = files.seconds.find(number); seconds != files.seconds.end())
    cell["seconds"] = seconds->second;
  add_score(cell, files, number);
  add_revealed(cell, files, number);
  if (files.home.origin.models.contains(number) && path_exists(layout::fitted(run, number)))
    add_fitted(cell, read_fitted(run, number, files.home));
  if (path_exists(layout::log(folder))) add_training(cell, layout::log(folder));
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

json checksums_json(const Origin& origin) {
  json sums = {{"recording", origin.recording}, {"models", json::object()}};
  for (const auto& [cell, sum] : origin.models) sums["models"][std::to_string(cell)] = sum;
  return sums;
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

void add_missing(json& page, const fs::path& run, const RunFiles& files, const HowToMake& how) {
  json missing = json::array();
  const auto add = [&](const std::string& text, MissingPart part) {
    missing.push_back(how ? text + ": " + how(part, run) : text);
  };
  if (!is_done(run)) add("the fit has not ended", MissingPart::fit);
  if (!files.score) add("not scored", MissingPart::score);
  if (files.score && !files.rates) add("the rates that were scored are not there any more", MissingPart::score);
  if (!files.revealed) add("no subunits revealed", MissingPart::subunits);
  if (files.revealed && !files.maps) add("the maps of subunits are not there any more", MissingPart::subunits);
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

void add_run(json& page, const fs::path& run, const HowToMake& how) {
  const RunInfo info = read_run(run);
  const RunFiles files = open_files(run, info);
  page["checksums"] = checksums_json(files.home.origin);
  page["recording"] = recording_json(info);
  if (files.score) page["scored_on"] = files.score->scored_on;
  page["cells"] = json::array();
  for (const auto number : info.cells) page["cells"].push_back(cell_json(run, info, files, number));
  json& made = page["made"];
  add_calls(made, run);
  made["seed"] = std::to_string(info.seed);
  made["threads"] = info.threads;
  made["settings"] = settings_json(info.settings);
  made["files"].push_back({{"what", "recording"}, {"path", info.recording.string()}, {"checksum", info.checksum}});
  add_missing(page, run, files, how);
}

}  // namespace plexiform
