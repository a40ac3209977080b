#include "plexiform/run/watch.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/progress/json_lines_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& folder, const std::string& why) {
  throw Error(ErrorKind::missing, why, "name a run, or the folder of a comparison, study or transfer that has begun")
      .in_file(folder);
}

/// Seconds since 1970; 0 where there is no such file.
double written_at(const fs::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return 0;
  return static_cast<double>(about.st_mtim.tv_sec) + static_cast<double>(about.st_mtim.tv_nsec) / 1e9;
}

/// What a cell's own metrics.jsonl says: a line a pass of a fit.
void read_passes(const fs::path& path, WatchedPiece& cell) {
  for (const auto& line : read_json_lines(path)) {
    if (!line.contains("validation_loss") || !line["validation_loss"].is_number()) continue;
    const auto name = line.find("fit");
    if (name == line.end() || !name->is_string()) continue;
    const double loss = line["validation_loss"];
    auto& best = name->get<std::string>().starts_with("ln") ? cell.ln : cell.network;
    best = std::min(best.value_or(loss), loss);
    ++cell.passes;
  }
}

/// A cell of a run: its own files say how it ended, the log what is being done.
WatchedPiece watched_cell(const fs::path& run, const Piece& piece, const WorkRecord& work) {
  WatchedPiece cell;
  cell.record.piece = piece;
  const auto known = std::ranges::find_if(work.pieces, [&](const auto& r) { return r.piece.cell == piece.cell; });
  if (known != work.pieces.end()) cell.record = *known;
  cell.record.piece.name = piece.name;
  const fs::path folder = layout::cell(run, *piece.cell);
  if (const auto error = cell_error(folder)) {
    cell.record.state = PieceState::failed;
    cell.record.result.error = *error;
  } else if (is_done(folder)) {
    cell.record.state = PieceState::done;
  } else if (cell.record.state == PieceState::done) {  // its folder was removed, so that it is fitted again
    cell.record.state = PieceState::waiting;
    cell.record.share = 0;
  }
  read_passes(layout::log(folder), cell);
  return cell;
}

bool is_over(const WatchedPiece& piece) {
  return piece.record.state == PieceState::done || piece.record.state == PieceState::failed;
}

void read_cells(Watched& watched) {
  watched.is_run = true;
  const RunInfo info = read_run(watched.folder);
  std::vector<Piece> cells;
  for (const auto cell : info.cells) {
    const auto name = info.names.find(cell);
    cells.push_back({cell, name == info.names.end() ? "" : name->second});
  }
  auto& totals = watched.work.totals;
  for (const auto& cell : cells) watched.pieces.push_back(watched_cell(watched.folder, cell, watched.work));
  for (const auto& cell : cells)
    watched.last_sign = std::max(watched.last_sign, written_at(layout::log(layout::cell(watched.folder, *cell.cell))));
  const auto over = std::ranges::count_if(watched.pieces, is_over);
  if (totals.work.empty()) {  // not begun, or by a version that kept no log
    totals = {"fit", "cell", static_cast<std::int64_t>(cells.size()), 0, 0};
    totals.whole = cells.empty() ? 1 : static_cast<double>(over) / static_cast<double>(cells.size());
  }
  totals.finished = over;
  if (!is_done(watched.folder) || over < std::ssize(watched.pieces)) return;
  watched.work.state = WorkState::ended;
  totals.whole = 1;
}

nlohmann::ordered_json json_of(const WatchedPiece& piece, bool is_run, double now) {
  const PieceRecord& record = piece.record;
  nlohmann::ordered_json json;
  if (record.piece.cell) json["cell"] = *record.piece.cell;
  if (!record.piece.name.empty()) json["name"] = record.piece.name;
  if (!record.piece.method.empty()) json["method"] = record.piece.method;
  if (record.piece.value) json["value"] = *record.piece.value;
  if (record.piece.seed) json["seed"] = *record.piece.seed;
  json["state"] = to_string(record.state);
  json["share"] = record.state == PieceState::done ? 1 : record.share;
  json["seconds"] = seconds_of(record, now);
  if (is_run) json["passes"] = piece.passes;
  if (piece.network) json["validation_loss"] = *piece.network;
  if (piece.ln) json["ln_validation_loss"] = *piece.ln;
  for (const auto& figure : record.result.figures) json[figure.name] = figure.value;
  if (!record.result.chosen.empty()) json["chosen"] = record.result.chosen;
  if (!record.result.error.empty()) json["error"] = record.result.error;
  return json;
}

}  // namespace

double seconds_of(const PieceRecord& piece, double now) {
  const bool running = piece.state == PieceState::running;
  return piece.result.seconds + (running ? std::max(now - piece.begun_at, 0.0) : 0);
}

double rate_of(const WorkRecord& work) {
  const double seconds = work.last_at - work.started_at;
  if (work.state != WorkState::running || seconds < 0.2) return 0;
  return (work.totals.whole - work.whole_at_start) * static_cast<double>(work.totals.pieces) / seconds;
}

Watched read_watched(const fs::path& folder) {
  if (!is_folder(folder)) refuse(folder, "no such folder");
  const bool run = is_run(folder);
  const fs::path log = layout::log(folder);
  if (!run && !is_file(log)) refuse(folder, "nothing to watch: it is not a run, and holds no log of a work");
  Watched watched;
  watched.folder = folder;
  watched.work = read_metrics(log);
  if (!run && watched.work.totals.work == "fit")
    throw Error(ErrorKind::damaged, "no such file, though the folder has the log of a fit", "put it back as it was")
        .in_file(layout::config(folder));
  // It may have ended between the look at its log and that at its process: then the log says so now.
  if (was_killed(watched.work)) watched.work = read_metrics(log);
  if (was_killed(watched.work)) watched.work = killed(std::move(watched.work));
  watched.last_sign = watched.work.last_at;
  if (run)
    read_cells(watched);
  else
    for (auto& record : watched.work.pieces) watched.pieces.push_back({std::move(record)});
  watched.work.pieces.clear();
  return watched;
}

std::string to_json(const Watched& watched, double now) {
  const WorkTotals& t = watched.work.totals;
  nlohmann::ordered_json json = {{"folder", watched.folder.string()},
                                 {"work", t.work},
                                 {"state", to_string(watched.work.state)},
                                 {"pieces", t.pieces},
                                 {"finished", t.finished},
                                 {"whole", t.whole}};
  if (const double rate = rate_of(watched.work); rate > 0) {
    json["per_minute"] = rate * 60;
    json["seconds_left"] = (1 - t.whole) * static_cast<double>(t.pieces) / rate;
  }
  if (watched.last_sign > 0) json["last_sign_seconds"] = std::max(now - watched.last_sign, 0.0);
  if (!watched.work.error.empty()) json["error"] = watched.work.error;
  json["cells"] = nlohmann::ordered_json::array();
  for (const auto& piece : watched.pieces) json["cells"].push_back(json_of(piece, watched.is_run, now));
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace plexiform
