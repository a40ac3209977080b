#include "rows.hpp"

#include <algorithm>
#include <memory>

#include "text.hpp"
#include "verbs.hpp"

namespace {

constexpr std::size_t kNumber = 8, kText = 16, kFigure = 10;

/// What tells pieces apart, or the headings over it.
struct Words {
  std::string value, seed, cell, name, method, seconds;
};

std::string columns(const RowForm& form, const Words& words) {
  std::string row;
  if (form.value_and_seed) row += right_aligned(words.value, kNumber) + right_aligned(words.seed, kNumber);
  if (form.cell) row += right_aligned(words.cell, kNumber);
  if (form.name) row += "  " + left_aligned(printable(words.name), kText);
  if (form.method) row += "  " + left_aligned(words.method, kText);
  return row + right_aligned(words.seconds, kNumber);
}

Words words_of(const plexiform::PieceNews& news) {
  const auto& piece = news.piece;
  return {piece.value ? number_text("%g", *piece.value) : "-",
          piece.seed ? std::to_string(*piece.seed) : "-",
          piece.cell ? std::to_string(*piece.cell) : "-",
          piece.name,
          piece.method,
          number_text("%.1f", news.result.seconds)};
}

std::string figure_column(const std::string& title, const std::string& content) {
  return "  " + right_aligned(content, std::max(kFigure, title.size()));
}

std::string heading(const RowForm& form) {
  std::string row = columns(form, {"value", "seed", "cell", "name", "method", "seconds"});
  for (const auto& [title, figure] : form.figures) row += figure_column(title, title);
  return form.chosen ? row + "  chosen" : row;
}

std::string figure_text(const plexiform::PieceResult& result, const std::string& name) {
  const auto value = plexiform::figure(result, name);
  return value ? number_text("%.3f", *value) : "-";
}

std::string row_of(const RowForm& form, const plexiform::PieceNews& news) {
  std::string row = columns(form, words_of(news));
  if (!news.result.error.empty()) return row + "  " + printable(news.result.error);
  for (const auto& [title, figure] : form.figures) row += figure_column(title, figure_text(news.result, figure));
  return news.result.chosen.empty() ? row : row + "  " + printable(news.result.chosen);
}

}  // namespace

plexiform::PieceSink piece_rows(const RowForm& form, const Caller& caller) {
  if (!caller.common.verbose) return {};
  return [form, headed = std::make_shared<bool>(false)](const plexiform::PieceNews& news) {
    if (news.event != plexiform::PieceEvent::done && news.event != plexiform::PieceEvent::failed) return;
    if (!*headed) remark(heading(form));
    *headed = true;
    remark(row_of(form, news));
  };
}
