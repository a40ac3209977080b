#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace plexiform {

/// Where everything lies in the folders that the library writes: the one place that spells these names
/// (docs/formats/run.md has the tables).
namespace layout {

using Path = std::filesystem::path;

// A run: RUN/config.toml, RUN/cell_<i>/...
inline Path config(const Path& run) {
  return run / "config.toml";
}
/// Of a long work of any kind, and of the passes of a cell's fits.
inline Path log(const Path& folder) {
  return folder / "metrics.jsonl";
}
/// Marker that a cell or a run has ended.
inline Path done(const Path& folder) {
  return folder / "DONE";
}
/// Is there while a process writes to a folder, and after one that was killed.
inline Path lock(const Path& folder) {
  return folder / ".lock";
}
/// Why a cell could not be fitted.
inline Path error(const Path& cell_folder) {
  return cell_folder / "error.txt";
}
/// Also the name of a cell's group in rates.h5 and reveal.h5.
inline std::string cell_name(std::int64_t cell) {
  return "cell_" + std::to_string(cell);
}
inline Path cell(const Path& run, std::int64_t cell) {
  return run / cell_name(cell);
}
inline Path model_in(const Path& folder) {
  return folder / "model.pt";
}
inline Path model(const Path& run, std::int64_t cell) {
  return model_in(layout::cell(run, cell));
}
inline Path fitted(const Path& run, std::int64_t cell) {
  return layout::cell(run, cell) / "fitted.h5";
}
inline Path score(const Path& run) {
  return run / "score.json";
}
inline Path rates(const Path& run) {
  return run / "rates.h5";
}
inline Path subunits(const Path& run) {
  return run / "subunits.json";
}
inline Path reveal(const Path& run) {
  return run / "reveal.h5";
}
/// A run of its own: the minimal networks.
inline Path minimal(const Path& run) {
  return run / "minimal";
}
/// What `minimal` is written as, and what it replaces, until it is renamed.
inline Path fresh_minimal(const Path& run) {
  return run / ".minimal.part";
}
inline Path old_minimal(const Path& run) {
  return run / ".minimal.old";
}
/// What an interrupted reveal keeps of a cell.
inline Path kept(const Path& cell_folder) {
  return cell_folder / "revealed";
}
inline Path kept_cell(const Path& cell_folder) {
  return kept(cell_folder) / "cell.msgpack";
}

// A comparison and a demo hold a run.
inline Path inner_run(const Path& folder) {
  return folder / "run";
}
inline Path comparison(const Path& folder) {
  return folder / "compare.json";
}
/// What a method beside the network found, as a run of its own.
inline Path method_run(const Path& folder, const std::string& method) {
  return folder / method;
}
inline Path demo_recording(const Path& folder) {
  return folder / "cell.h5";
}
/// Marks a folder as a demo's own, which a later demo may replace.
inline Path demo_marker(const Path& folder) {
  return folder / ".plexiform-demo";
}

// A study holds recordings of model cells, runs and pieces.
inline Path study(const Path& folder) {
  return folder / "study.json";
}
/// The arguments that decide its result.
inline Path study_arguments(const Path& folder) {
  return folder / "study.txt";
}
inline Path study_recordings(const Path& folder) {
  return folder / "recordings";
}
/// `name`: of the value, the seed, or both.
inline Path study_recording(const Path& folder, const std::string& name) {
  return study_recordings(folder) / (name + ".h5");
}
inline Path study_runs(const Path& folder) {
  return folder / "runs";
}
inline Path study_pieces(const Path& folder) {
  return folder / "pieces";
}
/// `piece`: the name of a value and a seed.
inline Path study_run(const Path& folder, const std::string& piece) {
  return study_runs(folder) / piece;
}
inline Path study_piece(const Path& folder, const std::string& piece) {
  return study_pieces(folder) / (piece + ".json");
}

inline Path transfer(const Path& folder) {
  return folder / "transfer.json";
}
inline Path moved_picture(const Path& folder) {
  return folder / "moved.svg";
}
inline Path tuned_picture(const Path& folder, std::size_t from, std::size_t to) {
  return folder / ("tuned_" + std::to_string(from) + "_to_" + std::to_string(to) + ".svg");
}

inline Path flashed(const Path& folder) {
  return folder / "flashed.json";
}
inline Path flashed_picture(const Path& folder) {
  return folder / "correlations.svg";
}

/// A report page, of any of these.
inline Path page(const Path& folder) {
  return folder / "report.html";
}

}  // namespace layout
}  // namespace plexiform
