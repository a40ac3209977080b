#include "watch_text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "text.hpp"

using plexiform::PieceRecord;
using plexiform::PieceState;
using plexiform::Watched;
using plexiform::WatchedPiece;
using plexiform::WorkState;
using plexiform::WorkTotals;

namespace {

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

}  // namespace

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
    line += ", last update " + duration_text(std::max(now - watched.last_sign, 0.0)) + " ago";
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
