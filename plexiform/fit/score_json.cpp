#include "plexiform/fit/score_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

json interval(const Interval& i) {
  return {i.low, i.high};
}

json model_json(const ModelScore& s) {
  json j = {{"cc", s.cc},
            {"cc_interval", interval(s.cc_interval)},
            {"bits_per_spike", s.bits_per_spike},
            {"bits_interval", interval(s.bits_interval)}};
  if (s.cc_trial_mean) j["cc_trial_mean"] = *s.cc_trial_mean;
  if (s.cc_normalised) j["cc_normalised"] = *s.cc_normalised;
  if (s.feve) j["feve"] = *s.feve;
  if (s.true_rate_cc) j["true_rate_cc"] = *s.true_rate_cc;
  return j;
}

/// A list for each figure.
json blocks_json(const std::vector<BlockScore>& blocks) {
  json j = {{"frames", json::array()}, {"spikes", json::array()}, {"nats", json::array()}, {"ln_nats", json::array()}};
  for (const auto& block : blocks) {
    j["frames"].push_back(block.frames);
    j["spikes"].push_back(static_cast<std::int64_t>(block.spikes));
    j["nats"].push_back(block.network);
    j["ln_nats"].push_back(block.ln);
  }
  return j;
}

json cell_json(const CellScore& c) {
  if (!c.error.empty()) return {{"cell", c.cell}, {"error", c.error}};
  json j = model_json(c.network);
  j["cell"] = c.cell;
  j["n_spikes"] = static_cast<std::int64_t>(c.n_spikes);
  j["n_frames"] = c.n_frames;
  j["subunit_nonlinearity"] = c.subunits;
  j["finished"] = c.ended;
  j["ln"] = model_json(c.ln);
  j["bits_gain_interval"] = interval(c.bits_gain);
  if (c.reliability)
    j["reliability"] = {{"split_half", c.reliability->split_half},
                        {"of_mean", c.reliability->of_mean},
                        {"ceiling", c.reliability->ceiling},
                        {"oracle", *c.oracle}};
  j["blocks"] = blocks_json(c.blocks);
  return j;
}

/// RUN/rates.h5 (docs/formats/run.md).
void write_rates(const std::filesystem::path& path, const RunScore& score) {
  constexpr std::int64_t kRows = 4096;
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    const auto put = [&]<class T>(const std::string& dataset, const std::vector<T>& values) {
      file.create<T>(dataset, {static_cast<std::int64_t>(values.size())}, kRows, 4);
      file.write_rows<T>(dataset, 0, values);
    };
    const auto single = [](const std::vector<double>& values) {
      return std::vector<float>(values.begin(), values.end());
    };
    file.set_text("/", "format", "plexiform-rates");
    file.set_number("/", "version", 1);
    for (const auto& cell : score.cells) {
      if (!cell.error.empty()) continue;
      const std::string group = "/cell_" + std::to_string(cell.cell);
      put(group + "/frame", cell.frame);
      put(group + "/counts", std::vector<std::int32_t>(cell.counts.begin(), cell.counts.end()));
      put(group + "/rate", single(cell.rate));
      put(group + "/ln_rate", single(cell.ln_rate));
    }
    file.close();
  });
}

}  // namespace

std::string to_json(const RunScore& score) {
  json cells = json::array();
  for (const auto& cell : score.cells) cells.push_back(cell_json(cell));
  return json({{"scored_on", score.scored_on}, {"cells", cells}}).dump();
}

void write_score(const std::filesystem::path& run, const RunScore& score) {
  write_rates(run / "rates.h5", score);
  write_text_atomically(run / "score.json", to_json(score) + "\n");
}

}  // namespace plexiform
