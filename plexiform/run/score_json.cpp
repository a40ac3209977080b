#include "plexiform/run/score_json.hpp"

#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/rates_file.hpp"
#include "plexiform/run/score_fields_impl.hpp"

namespace plexiform {

/// As columns.
struct Blocks {
  std::vector<std::int64_t> frames, spikes;
  std::vector<double> nats, ln_nats;
};

template <class On>
void fields(Blocks& b, const On& on) {
  on("frames", b.frames);
  on("spikes", b.spikes);
  on("nats", b.nats);
  on("ln_nats", b.ln_nats);
}

struct Repeats {
  Reliability reliability;
  double oracle = 0;
};

template <class On>
void fields(Repeats& r, const On& on) {
  fields(r.reliability, on);
  on("oracle", r.oracle);
}

namespace {

Blocks columns_of(const std::vector<BlockScore>& blocks) {
  Blocks columns;
  for (const BlockScore& block : blocks) {
    columns.frames.push_back(block.frames);
    columns.spikes.push_back(static_cast<std::int64_t>(block.spikes));
    columns.nats.push_back(block.network);
    columns.ln_nats.push_back(block.ln);
  }
  return columns;
}

std::vector<BlockScore> rows_of(const Blocks& columns) {
  const std::size_t n = columns.frames.size();
  if (columns.spikes.size() != n || columns.nats.size() != n || columns.ln_nats.size() != n)
    refuse_field("blocks", "lists of several lengths", "one length");
  std::vector<BlockScore> blocks;
  for (std::size_t i = 0; i < n; ++i)
    blocks.push_back({columns.frames[i], static_cast<double>(columns.spikes[i]), columns.nats[i], columns.ln_nats[i]});
  return blocks;
}

}  // namespace

template <class On>
void fields(CellScore& c, const On& on) {
  on("cell", c.cell);
  on.unless_empty("error", c.error);
  if (!c.error.empty()) return;
  fields(c.network, on);
  on.whole("n_spikes", c.n_spikes);
  on("n_frames", c.n_frames);
  on("subunit_nonlinearity", c.subunits);
  on("finished", c.ended);
  on("ln", c.ln);
  on("bits_gain_interval", c.bits_gain);
  std::optional<Repeats> repeats;
  if (c.reliability) repeats = {*c.reliability, c.oracle.value_or(std::numeric_limits<double>::quiet_NaN())};
  on("reliability", repeats);
  Blocks blocks = columns_of(c.blocks);
  on("blocks", blocks);
  if constexpr (On::kReads) {
    c.blocks = rows_of(blocks);
    if (repeats) c.reliability = repeats->reliability, c.oracle = repeats->oracle;
  }
}

template <class On>
void fields(RunScore& s, const On& on) {
  on("scored_on", s.scored_on);
  on("cells", s.cells);
}

std::string to_json(const RunScore& score) {
  return json_of(score).dump();
}

void write_score(const std::filesystem::path& run, const RunScore& score, const Origin& origin) {
  write_rates(layout::rates(run), score, origin);
  write_text_atomically(layout::score(run), file_text(with_head(json_of(score), artefacts::score, origin)));
}

RunScore read_score(const std::filesystem::path& run, const Home& home) {
  RunScore score;
  read_json_file(layout::score(run), artefacts::score, home, [&](const nlohmann::json& file) {
    fields(score, GetFields(file));
    for (const CellScore& cell : score.cells)
      if (cell.error.empty()) check_cell(file, artefacts::score, home, cell.cell);
  });
  return score;
}

}  // namespace plexiform
