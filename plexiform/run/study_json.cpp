#include "plexiform/run/study_json.hpp"

#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {

inline void name_into(const std::string& name, StudyKind& kind) {
  kind = study_kind_from(name);
}

template <class On>
void fields(StudyPiece& p, const On& on) {
  on("value", p.value);
  on("seed", p.seed);
  on("cell", p.cell);
  on.unless_empty("error", p.error);
  if (!p.error.empty()) return;
  on("bits_per_spike", p.bits_per_spike);
  on("cc", p.cc);
  on("n_subunits", p.number);
  on("network_subunits", p.network_number);
  on("seconds", p.seconds);
  on("true_rate_cc", p.true_rate_cc);
  on("mean_match", p.mean_match);
  on("found", p.found);
  on("network_match", p.network_match);
}

/// The infinite interval of a single seed is written as nulls.
template <class On>
void fields(Estimate& e, const On& on) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  on("mean", e.mean);
  on("interval", e.interval);
  on("seeds", e.seeds);
  if constexpr (On::kReads)
    if (e.seeds < 2) e.interval = {-kInfinite, kInfinite};
}

template <class On>
void fields(StudyRow& r, const On& on) {
  on("value", r.value);
  on("failed", r.failed);
  on("bits_per_spike", r.bits_per_spike);
  on("cc", r.cc);
  on("true_rate_cc", r.true_rate_cc);
  on("n_subunits", r.number);
  on("mean_match", r.mean_match);
  on("found", r.found);
  on("network_subunits", r.network_number);
  on("network_match", r.network_match);
}

template <class On>
void fields(Study& s, const On& on) {
  on("study", s.kind);
  on("of", s.what);
  on("rows", s.rows);
  on("fits", s.pieces);
}

std::string to_json(const Study& study) {
  return json_of(study).dump();
}

void write_study(const std::filesystem::path& folder, const Study& study, const Origin& origin) {
  write_text_atomically(layout::study(folder), file_text(with_head(json_of(study), artefacts::study, origin)));
}

Study read_study(const std::filesystem::path& folder, const Home& home) {
  Study study;
  read_json_file(layout::study(folder), artefacts::study, home,
                 [&](const nlohmann::json& file) { fields(study, GetFields(file)); });
  return study;
}

void write_study_piece(const std::filesystem::path& folder, const std::string& piece, std::span<const StudyPiece> cells,
                       const Origin& origin) {
  const nlohmann::json object{{"fits", json_of(std::vector<StudyPiece>(cells.begin(), cells.end()))}};
  write_text_atomically(layout::study_piece(folder, piece),
                        file_text(with_head(object, artefacts::study_piece, origin)));
}

std::vector<StudyPiece> read_study_piece(const std::filesystem::path& folder, const std::string& piece,
                                         const Home& home) {
  std::vector<StudyPiece> cells;
  const auto path = layout::study_piece(folder, piece);
  read_json_file(path, artefacts::study_piece, home, [&](const nlohmann::json& file) {
    // Before pieces had versions, a file was the list alone.
    from_json_value(file.is_array() ? file : required(file, "fits", "array"), "fits", cells);
    for (const StudyPiece& cell : cells)
      if (cell.error.empty()) check_cell(file, artefacts::study_piece, home, cell.cell);
  });
  return cells;
}

}  // namespace plexiform
