#include "plexiform/fit/fit_cell.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/fit/initial.hpp"
#include "plexiform/model/archive.hpp"

namespace plexiform {
namespace {

std::string to_json(const CellWindow& w) {
  return nlohmann::json({{"y", w.window.y},
                         {"x", w.window.x},
                         {"height", w.window.height},
                         {"width", w.window.width},
                         {"centre_x", w.centre.x},
                         {"centre_y", w.centre.y},
                         {"source", w.source == WindowSource::average ? "average" : "variance"},
                         {"z", w.z}})
      .dump();
}

CellWindow window_from_json(const std::string& text) {
  const auto j = nlohmann::json::parse(text);
  CellWindow w;
  w.window = {j.at("y"), j.at("x"), j.at("height"), j.at("width")};
  w.centre = {j.at("centre_x"), j.at("centre_y")};
  w.source = j.at("source") == "average" ? WindowSource::average : WindowSource::variance;
  w.z = j.at("z");
  return w;
}

std::string form_of(const ModelSettings& model) {
  std::string text = to_string(model.subunits) + ", " + std::to_string(model.filters) +
                     (model.separable ? " separable" : " space-time") + (model.filters == 1 ? " filter" : " filters");
  const std::string side = std::to_string(model.filter_size);
  return text + (model.full_window ? " as large as the window" : " of " + side + " x " + side + " pixels");
}

/// The form that the settings say, then the others where they ask for them. `input`: what a filter must fit into.
std::vector<ModelSettings> forms_of(const Settings& settings, const FrameShape& input) {
  std::vector<ModelSettings> forms{settings.model};
  if (!settings.train.try_forms) return forms;
  if (settings.model.filter_size + 2 <= std::min(input.height, input.width)) {
    forms.push_back(settings.model);
    forms.back().filter_size += 2;
  }
  if (settings.model.filters <= kMostFilters / 2) {
    forms.push_back(settings.model);
    forms.back().filters *= 2;
  }
  if (settings.model.separable) {
    forms.push_back(settings.model);
    forms.back().separable = false;
  }
  return forms;
}

std::vector<TriedNetwork> tried_networks(std::span<const Training> networks, std::size_t kept) {
  std::vector<TriedNetwork> tried;
  for (std::size_t i = 0; i < networks.size(); ++i)
    tried.push_back({form_of(networks[i].state.best.settings), networks[i].state.best_loss, i == kept});
  return tried;
}

/// What load_cell_fit reads.
void put_networks(Archive& archive, const CellFit& fit) {
  put_network(archive, "network", fit.network);
  put_network(archive, "ln", fit.ln);
  auto tried = nlohmann::json::array();
  for (const auto& t : fit.tried)
    tried.push_back({{"form", t.form}, {"validation_loss", t.validation_loss}, {"kept", t.kept}});
  archive.texts["fit"] = nlohmann::json({{"validation_loss", fit.validation_loss},
                                         {"ln_validation_loss", fit.ln_validation_loss},
                                         {"ln_strength", fit.ln_strength},
                                         {"ended", fit.ended},
                                         {"tried", tried}})
                             .dump();
  archive.texts["window"] = to_json(fit.window);
}

}  // namespace

std::vector<Dataset> make_datasets(const Recording& recording, std::span<const std::int64_t> cells,
                                   std::span<const Window> windows, const Split& split, const Settings& settings,
                                   const std::stop_token& stop) {
  // A batch is a tile: its lanes share the batch. Longer lanes than this gain little and leave the processor's cache.
  constexpr std::int64_t kLongest = 128;
  constexpr auto kTileLanes = static_cast<std::int64_t>(kLanes);
  const auto longest = std::clamp<std::int64_t>((settings.train.batch + kTileLanes - 1) / kTileLanes, 1, kLongest);
  const auto lags = settings.model.lags;
  const auto train = make_chunks(recording, split.train(), longest),
             validation = make_chunks(recording, split.validation(), longest);
  auto train_tiles = make_tiles(*recording.stimulus, windows, lags, train, 0, TileStore::kBytesInMemory, stop);
  const std::size_t next = (train.size() + kLanes - 1) / kLanes;
  auto validation_tiles =
      make_tiles(*recording.stimulus, windows, lags, validation, next, TileStore::kBytesInMemory, stop);
  std::vector<Dataset> all;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Dataset& data = all.emplace_back();
    data.input = {recording.stimulus->shape().channels, windows[i].height, windows[i].width};
    const auto row = recording.counts.row(cells[i]);
    data.counts.assign(row.begin(), row.end());
    data.lags = lags;
    data.train = train;
    data.validation = validation;
    data.train_tiles = std::move(train_tiles[i]);
    data.validation_tiles = std::move(validation_tiles[i]);
    data.train_targets = make_targets(data.train_tiles, data.counts);
    data.validation_targets = make_targets(data.validation_tiles, data.counts);
  }
  return all;
}

std::vector<Training> network_trainings(const Dataset& data, const FirstLook& look, const Settings& settings,
                                        std::uint64_t seed) {
  std::vector<Training> fits;
  for (const ModelSettings& form : forms_of(settings, data.input))
    for (std::int64_t start = 0; start < settings.train.starts; ++start) {
      ModelSettings model = form;
      std::int64_t variant = start;
      if (settings.train.try_subunits) {
        using enum SubunitNonlinearity;
        const auto tried = look.empty ? std::array{squared, half_squared} : std::array{relu, half_squared};
        model.subunits = tried[static_cast<std::size_t>(start % 2)];
        variant = start / 2;
      }
      Training fit;
      fit.name = "start" + std::to_string(fits.size());
      fit.settings = settings;
      fit.settings.model = model;
      fit.seed = derived_seed(seed, static_cast<std::uint64_t>(fits.size()));
      fit.state = begin_training(initial_network(data, look, model, settings.train.start_from, seed, variant));
      fits.push_back(std::move(fit));
    }
  return fits;
}

CellTrainings cell_trainings(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed) {
  CellTrainings all;
  all.fits = network_trainings(data, look, settings, seed);
  all.starts = all.fits.size();
  for (auto& fit : ln_trainings(data, look, settings, seed)) all.fits.push_back(std::move(fit));
  return all;
}

void save_cell_fit(const std::filesystem::path& folder, const CellWindow& window, std::span<const Training> networks,
                   std::span<const Training> ln, const Dataset& data) {
  Archive archive;
  std::string metrics;
  bool ended = true;
  for (const auto fits : {networks, ln})
    for (const auto& fit : fits) {
      put_state(archive, fit.name, fit.state);
      metrics += fit.state.metrics;
      ended = ended && fit.state.ended;
    }
  const std::size_t kept = best_of(networks, data);
  const auto& network = networks[kept].state;
  const auto& linear = ln[best_of(ln, data)];
  put_networks(archive, {.window = window,
                         .network = network.best,
                         .ln = linear.state.best,
                         .validation_loss = network.best_loss,
                         .ln_validation_loss = linear.state.best_loss,
                         .ln_strength = linear.settings.train.smooth_filter,
                         .ended = ended,
                         .tried = tried_networks(networks, kept)});
  save_archive(folder / "model.pt", archive);
  write_text_atomically(folder / "metrics.jsonl", metrics);
}

void save_networks(const std::filesystem::path& folder, const CellFit& fit) {
  Archive archive;
  put_networks(archive, fit);
  save_archive(folder / "model.pt", archive);
}

CellFit load_cell_fit(const std::filesystem::path& folder, std::int64_t cell) {
  const auto path = folder / "model.pt";
  const Archive archive = load_archive(path);
  try {
    const auto about = nlohmann::json::parse(archive.texts.at("fit"));
    CellFit fit;
    fit.cell = cell;
    fit.window = window_from_json(archive.texts.at("window"));
    fit.network = get_network(archive, "network");
    fit.ln = get_network(archive, "ln");
    fit.validation_loss = about.at("validation_loss");
    fit.ln_validation_loss = about.at("ln_validation_loss");
    fit.ln_strength = about.at("ln_strength");
    fit.ended = about.at("ended");
    for (const auto& t : about.value("tried", nlohmann::json::array()))
      fit.tried.push_back({t.at("form"), t.at("validation_loss"), t.at("kept")});
    return fit;
  } catch (const Error& error) {
    throw error.at(path.string());
  } catch (const std::exception& problem) {
    throw Error(ErrorKind::file, path.string() + ": damaged: " + problem.what(), "fit again under another name");
  }
}

void load_trainings(const std::filesystem::path& folder, std::span<Training> fits) {
  const auto path = folder / "model.pt";
  const Archive archive = load_archive(path);
  try {
    for (auto& fit : fits) fit.state = get_state(archive, fit.name);
  } catch (const Error& error) {
    throw error.at(path.string());
  }
}

}  // namespace plexiform
