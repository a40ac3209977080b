#include "plexiform/run/flashed_json.hpp"

#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/score_fields_impl.hpp"

namespace plexiform {

template <class On>
void fields(FlashedScore& s, const On& on) {
  on("cc", s.cc);
  on("cc_interval", s.cc_interval);
  on("rate", s.rate);
  on("cc_normalised", s.cc_normalised);
  on("feve", s.feve);
}

template <class On>
void fields(FlashedSubunits& m, const On& on) {
  on("size", m.size);
  on("size_interval", m.size_interval);
  on("extent", m.extent);
  on("off", m.off);
  on("on", m.on);
}

/// The score of the subunit model, and what it is.
struct ScoredSubunits {
  FlashedScore score;
  FlashedSubunits model;
};

template <class On>
void fields(ScoredSubunits& s, const On& on) {
  fields(s.score, on);
  fields(s.model, on);
}

template <class On>
void fields(FlashedCell& c, const On& on) {
  on("cell", c.cell);
  on("name", c.name);
  on("n_spikes", c.spikes);
  on.unless_empty("error", c.error);
  if (!c.error.empty()) return;
  on("counts", c.counts);
  on("baseline", c.baseline);
  on("reliability", c.reliability);
  on("ln", c.ln);
  ScoredSubunits subunits{c.subunits, c.model};
  on("subunits", subunits);
  on("ahead", c.ahead);
  on("ahead_interval", c.ahead_interval);
  if constexpr (On::kReads) c.subunits = subunits.score, c.model = subunits.model;
}

template <class On>
void fields(FlashedMedians& m, const On& on) {
  on("cells", m.cells);
  on("ln", m.ln);
  on("ln_interval", m.ln_interval);
  on("subunits", m.subunits);
  on("subunits_interval", m.subunits_interval);
  on("ahead", m.ahead);
  on("ahead_interval", m.ahead_interval);
  on("cells_ahead", m.cells_ahead);
}

template <class On>
void fields(FlashedComparison& c, const On& on) {
  on("images", c.images);
  on("trials", c.trials);
  on("folds", c.folds);
  on("cells", c.cells);
  on("median", c.medians);
  on("seconds", c.seconds);
}

std::string to_json(const FlashedComparison& comparison) {
  return json_of(comparison).dump();
}

void write_flashed(const std::filesystem::path& folder, const FlashedComparison& comparison, const Origin& origin) {
  write_text_atomically(layout::flashed(folder), file_text(with_head(json_of(comparison), artefacts::flashed, origin)));
}

FlashedComparison read_flashed(const std::filesystem::path& folder, const Home& home) {
  FlashedComparison comparison;
  read_json_file(layout::flashed(folder), artefacts::flashed, home,
                 [&](const nlohmann::json& file) { fields(comparison, GetFields(file)); });
  return comparison;
}

}  // namespace plexiform
