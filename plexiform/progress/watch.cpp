#include "plexiform/progress/watch.hpp"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/progress/json_lines.hpp"
#include "plexiform/progress/text.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLog = "metrics.jsonl";

[[noreturn]] void refuse(const fs::path& folder, const std::string& why) {
  throw Error(ErrorKind::file, folder.string() + ": " + why,
              "name a run directory, which `plexiform fit rec.h5 -o RUN` makes, or the folder of a compare, study or "
              "transfer that has begun");
}

/// Seconds since 1970; 0 where there is no such file.
double written_at(const fs::path& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return 0;
  return static_cast<double>(about.st_mtim.tv_sec) + static_cast<double>(about.st_mtim.tv_nsec) / 1e9;
}

/// The cells of a run, from its config.toml.
std::vector<Piece> cells_of(const fs::path& run) {
  const fs::path config = run / "config.toml";
  const std::string text = read_text(config);
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    refuse(config,
           "line " + std::to_string(error.source().begin.line) + " is not TOML: " + std::string(error.description()));
  }
  const auto* cells = table["run"]["cells"].as_array();
  const auto* names = table["run"]["names"].as_array();
  if (cells == nullptr) refuse(config, "it has no list of cells under [run]");
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < cells->size(); ++i) {
    const auto cell = (*cells)[i].value<std::int64_t>();
    if (!cell || *cell < 0) refuse(config, "cells holds what is no row of a recording");
    const bool named = names != nullptr && i < names->size();
    pieces.push_back({*cell, named ? (*names)[i].value_or(std::string()) : ""});
  }
  return pieces;
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
  const fs::path folder = run / ("cell_" + std::to_string(*piece.cell));
  if (fs::exists(folder / "error.txt")) {
    cell.record.state = PieceState::failed;
    cell.record.result.error = read_text(folder / "error.txt");
  } else if (fs::exists(folder / "DONE")) {
    cell.record.state = PieceState::done;
  }
  read_passes(folder / kLog, cell);
  return cell;
}

bool is_over(const WatchedPiece& piece) {
  return piece.record.state == PieceState::done || piece.record.state == PieceState::failed;
}

void read_run(Watched& watched) {
  watched.is_run = true;
  const auto cells = cells_of(watched.folder);
  auto& totals = watched.work.totals;
  for (const auto& cell : cells) watched.pieces.push_back(watched_cell(watched.folder, cell, watched.work));
  for (const auto& cell : cells)
    watched.last_sign =
        std::max(watched.last_sign, written_at(watched.folder / ("cell_" + std::to_string(*cell.cell)) / kLog));
  const auto over = std::ranges::count_if(watched.pieces, is_over);
  if (totals.work.empty()) {  // not begun, or by a version that kept no log
    totals = {"fit", "cell", static_cast<std::int64_t>(cells.size()), 0, 0};
    totals.whole = cells.empty() ? 1 : static_cast<double>(over) / static_cast<double>(cells.size());
  }
  totals.finished = over;
  if (!fs::exists(watched.folder / "DONE")) return;
  watched.work.state = WorkState::ended;
  totals.whole = 1;
}

double seconds_of(const PieceRecord& piece, double now) {
  const bool running = piece.state == PieceState::running;
  return piece.result.seconds + (running ? std::max(now - piece.begun_at, 0.0) : 0);
}

/// Pieces a second since the last call began; 0 where that is not known.
double rate_of(const WorkRecord& work) {
  const double seconds = work.last_at - work.started_at;
  if (work.state != WorkState::running || seconds < 0.2) return 0;
  return (work.totals.whole - work.whole_at_start) * static_cast<double>(work.totals.pieces) / seconds;
}

std::string loss_text(const std::optional<double>& loss) {
  return loss ? number_text("%.5f", *loss) : "-";
}

struct Cells {
  std::string piece, state, share, passes, network, ln, seconds, error;
};

std::string row(const Cells& cells, bool is_run, std::size_t first, std::size_t columns) {
  std::string line =
      "  " + left_aligned(cells.piece, first) + "  " + left_aligned(cells.state, 11) + right_aligned(cells.share, 6);
  if (is_run) line += right_aligned(cells.passes, 8) + right_aligned(cells.network, 10) + right_aligned(cells.ln, 10);
  line += right_aligned(cells.seconds, 10);
  if (!cells.error.empty()) line += "  " + cells.error;
  return columns == 0 ? line : cut(line, columns);
}

Cells cells_of(const WatchedPiece& piece, double now) {
  const PieceRecord& record = piece.record;
  const double seconds = seconds_of(record, now);
  return {printable(to_string(record.piece)),
          to_string(record.state),
          number_text("%.0f %%", 100 * (record.state == PieceState::done ? 1 : record.share)),
          std::to_string(piece.passes),
          loss_text(piece.network),
          loss_text(piece.ln),
          seconds > 0 ? number_text("%.1f", seconds) : "-",
          printable(record.result.error)};
}

/// In their own order where all have room; else what people look for first.
std::vector<const WatchedPiece*> chosen(const std::vector<WatchedPiece>& pieces, std::size_t room) {
  std::vector<const WatchedPiece*> all;
  for (const auto& piece : pieces) all.push_back(&piece);
  if (room == 0 || all.size() <= room) return all;
  const auto rank = [](const WatchedPiece* piece) {
    using enum PieceState;
    constexpr PieceState kOrder[] = {running, interrupted, failed, waiting, done};
    return std::ranges::find(kOrder, piece->record.state) - std::begin(kOrder);
  };
  std::ranges::stable_sort(all, {}, rank);
  all.resize(room - 1);  // the last line says what is missing
  return all;
}

std::string not_shown(const Watched& watched, const std::vector<const WatchedPiece*>& shown) {
  std::map<PieceState, std::int64_t> counts;
  for (const auto& piece : watched.pieces) ++counts[piece.record.state];
  for (const auto* piece : shown) --counts[piece->record.state];
  std::string parts;
  for (const auto& [state, count] : counts)
    if (count > 0) parts += (parts.empty() ? "" : ", ") + std::to_string(count) + " " + to_string(state);
  return "  " + std::to_string(watched.pieces.size() - shown.size()) + " not shown: " + parts;
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

Watched read_watched(const fs::path& folder) {
  if (!fs::is_directory(folder)) refuse(folder, "no such folder");
  const bool run = fs::is_regular_file(folder / "config.toml");
  if (!run && !fs::is_regular_file(folder / kLog))
    refuse(folder, "nothing to watch: it holds no config.toml and no metrics.jsonl");
  Watched watched;
  watched.folder = folder;
  watched.work = read_metrics(folder / kLog);
  // It may have ended between the look at its log and that at its process: then the log says so now.
  if (was_killed(watched.work)) watched.work = read_metrics(folder / kLog);
  if (was_killed(watched.work)) watched.work = killed(std::move(watched.work));
  watched.last_sign = watched.work.last_at;
  if (run)
    read_run(watched);
  else
    for (auto& record : watched.work.pieces) watched.pieces.push_back({std::move(record)});
  watched.work.pieces.clear();
  return watched;
}

int exit_code(const Watched& watched) {
  if (watched.work.state == WorkState::interrupted) return watched.work.exit;
  const bool failed =
      std::ranges::any_of(watched.pieces, [](const auto& piece) { return piece.record.state == PieceState::failed; });
  return failed ? static_cast<int>(ErrorKind::data) : 0;
}

std::string summary(const Watched& watched, double now) {
  const WorkTotals& t = watched.work.totals;
  const std::string units = t.unit + "s";
  const auto pieces = static_cast<double>(t.pieces);
  std::string line = progress_text(t.work + ": " + std::to_string(t.finished) + " of " + std::to_string(t.pieces) +
                                       " " + (t.pieces == 1 ? t.unit : units),
                                   t.whole * pieces, pieces, rate_of(watched.work), units);
  if (watched.work.state != WorkState::running) line += ", " + to_string(watched.work.state);
  if (!watched.work.error.empty() && watched.work.state == WorkState::interrupted) line += ": " + watched.work.error;
  if (watched.work.state == WorkState::running && watched.last_sign > 0)
    line += ", last sign of life " + duration_text(std::max(now - watched.last_sign, 0.0)) + " ago";
  return printable(line);
}

std::vector<std::string> table(const Watched& watched, double now, std::size_t lines, std::size_t columns) {
  const auto shown = chosen(watched.pieces, lines == 0 ? 0 : std::max<std::size_t>(lines, 3) - 1);
  std::size_t first = 12;
  for (const auto* piece : shown)
    first = std::max(first, std::min<std::size_t>(to_string(piece->record.piece).size(), 40));
  std::vector<std::string> all{
      row({watched.work.totals.unit, "state", "share", "passes", "network", "LN", "seconds", ""}, watched.is_run, first,
          columns)};
  for (const auto* piece : shown) all.push_back(row(cells_of(*piece, now), watched.is_run, first, columns));
  if (shown.size() < watched.pieces.size()) all.push_back(not_shown(watched, shown));
  return all;
}

std::string news_of(const WatchedPiece& piece, double now) {
  const PieceRecord& record = piece.record;
  std::string line = to_string(record.piece) + ": " + to_string(record.state);
  if (record.state == PieceState::done && record.result.seconds > 0)
    line += " in " + number_text("%.1f", seconds_of(record, now)) + " s";
  if (!record.result.error.empty()) line += ": " + record.result.error;
  return printable(line);
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
