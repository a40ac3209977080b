#include "plexiform/fit/fit_cell.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
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

at::Tensor cell_counts(const Recording& recording, std::int64_t cell) {
  const auto row = recording.counts.row(cell);
  at::Tensor counts = at::empty({static_cast<std::int64_t>(row.size())});
  std::copy(row.begin(), row.end(), counts.data_ptr<float>());
  return counts;
}

}  // namespace

Dataset make_dataset(const Recording& recording, std::int64_t cell, const Split& split, Movie movie,
                     const Settings& settings) {
  const auto longest = std::max<std::int64_t>(settings.train.batch / 4, 50);
  Dataset data;
  data.movie = std::move(movie);
  data.counts = cell_counts(recording, cell);
  data.lags = settings.model.lags;
  data.train = make_chunks(recording, split.train(), longest);
  data.validation = make_chunks(recording, split.validation(), longest);
  return data;
}

Starter network_starter(const Dataset& data, const FirstLook& look, const Settings& settings, std::uint64_t seed) {
  return [&data, look, settings, seed](std::int64_t start) {
    ModelSettings model = settings.model;
    std::int64_t variant = start;
    if (settings.train.try_subunits) {
      using enum SubunitNonlinearity;
      const auto tried = look.empty ? std::array{squared, half_squared} : std::array{relu, half_squared};
      model.subunits = tried[static_cast<std::size_t>(start % 2)];
      variant = start / 2;
    }
    return initial_network(data, look, model, settings.train.start_from, seed, variant);
  };
}

void save_cell_fit(const std::filesystem::path& folder, const CellWindow& window, const LnFit& ln,
                   const TrainState& state) {
  Archive archive;
  put_network(archive, "ln", ln.network);
  archive.texts["ln.fit"] = nlohmann::json({{"validation_loss", ln.validation_loss}, {"strength", ln.strength}}).dump();
  archive.texts["window"] = to_json(window);
  put_state(archive, state);
  save_archive(folder / "model.pt", archive);
  write_text_atomically(folder / "metrics.jsonl", state.metrics);
}

CellFit load_cell_fit(const std::filesystem::path& folder, std::int64_t cell) {
  const auto path = folder / "model.pt";
  const Archive archive = load_archive(path);
  try {
    const TrainState state = get_state(archive);
    const auto ln = nlohmann::json::parse(archive.texts.at("ln.fit"));
    // Before its last start has ended, an interrupted fit is judged by the better of what it has.
    const bool winner = state.winner_start >= 0 && state.winner_loss <= state.best_loss;
    CellFit fit;
    fit.cell = cell;
    fit.window = window_from_json(archive.texts.at("window"));
    fit.network = winner || state.ended ? state.winner : state.best;
    fit.ln = get_network(archive, "ln");
    fit.validation_loss = winner || state.ended ? state.winner_loss : state.best_loss;
    fit.ln_validation_loss = ln.at("validation_loss");
    fit.ln_strength = ln.at("strength");
    fit.ended = state.ended;
    return fit;
  } catch (const Error& error) {
    throw error.at(path.string());
  } catch (const std::exception& problem) {
    throw Error(ErrorKind::file, path.string() + ": damaged: " + problem.what(), "fit again under another name");
  }
}

}  // namespace plexiform
