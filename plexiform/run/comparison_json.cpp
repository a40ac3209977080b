#include "plexiform/run/comparison_json.hpp"

#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/score_fields_impl.hpp"

namespace plexiform {

template <class On>
void fields(MethodResult& m, const On& on) {
  on("method", m.method);
  on("seconds", m.seconds);
  on.unless_empty("error", m.error);
  if (!m.error.empty()) return;
  on("chosen", m.chosen);
  fields(m.score, on);
  on("bits_gain", m.gain);
  on("bits_gain_interval", m.gain_interval);
  on("n_subunits", m.number);
  on("mean_match", m.mean_match);
  on("found", m.found);
}

template <class On>
void fields(CellComparison& c, const On& on) {
  on("cell", c.cell);
  on("name", c.name);
  on.whole("n_spikes", c.n_spikes);
  on("true_subunits", c.true_subunits);
  on("methods", c.methods);
}

template <class On>
void fields(Comparison& c, const On& on) {
  on("scored_on", c.scored_on);
  on("cells", c.cells);
}

std::string to_json(const Comparison& comparison) {
  return json_of(comparison).dump();
}

void write_comparison(const std::filesystem::path& folder, const Comparison& comparison, const Origin& origin) {
  write_text_atomically(layout::comparison(folder),
                        file_text(with_head(json_of(comparison), artefacts::comparison, origin)));
}

Comparison read_comparison(const std::filesystem::path& folder, const Home& home) {
  Comparison comparison;
  read_json_file(layout::comparison(folder), artefacts::comparison, home, [&](const nlohmann::json& file) {
    fields(comparison, GetFields(file));
    for (const CellComparison& cell : comparison.cells) check_cell(file, artefacts::comparison, home, cell.cell);
  });
  return comparison;
}

}  // namespace plexiform
