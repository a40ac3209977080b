#include "plexiform/progress/piece.hpp"

#include <algorithm>
#include <sstream>

namespace plexiform {

std::string to_string(const Piece& piece) {
  std::ostringstream text;
  const auto part = [&] { return text.tellp() > 0 ? ", " : ""; };
  if (piece.value) text << "value " << *piece.value;
  if (piece.seed) text << part() << "seed " << *piece.seed;
  if (piece.cell) {
    text << part() << "cell " << *piece.cell;
    if (!piece.name.empty()) text << " (" << piece.name << ")";
  } else if (!piece.name.empty()) {
    text << part() << piece.name;
  }
  if (!piece.method.empty()) text << part() << piece.method;
  return text.str();
}

std::optional<double> figure(const PieceResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.figures, name, &Figure::name);
  return found == result.figures.end() ? std::nullopt : std::optional(found->value);
}

std::string to_string(PieceEvent event) {
  switch (event) {
    case PieceEvent::begun:
      return "begun";
    case PieceEvent::moved:
      return "moved";
    case PieceEvent::done:
      return "done";
    case PieceEvent::failed:
      break;
  }
  return "failed";
}

}  // namespace plexiform
