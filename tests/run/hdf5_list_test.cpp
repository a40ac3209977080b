// schemas/hdf5.json, of which the tables and the glossary of docs/formats are made, lists what HDF5 files hold: each
// dataset that is written, with as many axes, and nothing that is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "base/every_field.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/cell/presets.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/run/fitted_file.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/rates_file.hpp"
#include "plexiform/run/reveal_file.hpp"
#include "plexiform/run/score_json.hpp"
#include "plexiform/stimulus/stored.hpp"
#include "run/some_fitted.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::SetAll;
using testing::TemporaryFolder;

const Origin kOrigin{"00aa", {{4, "0b"}}};

/// Names of cells as the list has them.
std::string general(const std::string& path) {
  static const std::regex cell("cell_[0-9]+");
  return std::regex_replace(path, cell, "cell_<i>");
}

/// What files of one kind hold.
struct Held {
  std::map<std::string, std::size_t> datasets;               ///< path: number of axes
  std::set<std::pair<std::string, std::string>> attributes;  ///< object, name; of those that are asked for
};

void look_into(const Hdf5File& file, const std::string& group, const json& entries, Held& held) {
  for (const json& entry : entries) {
    if (!entry.contains("attribute") || entry.at("object") != general(group)) continue;
    const std::string name = entry.at("attribute");
    const bool is_text = entry.at("type") == "text";
    if (is_text ? file.text(group, name).has_value() : file.number(group, name).has_value())
      held.attributes.insert({general(group), name});
  }
  for (const std::string& name : file.children(group)) {
    const std::string path = (group == "/" ? "" : group) + "/" + name;
    try {
      held.datasets[general(path)] = file.shape(path).size();
    } catch (const Error&) {  // a group
      look_into(file, path, entries, held);
    }
  }
}

json entries_of(const std::string& kind) {
  return json::parse(read_text(PLEXIFORM_SOURCE_DIR "/schemas/hdf5.json")).at("files").at(kind).at("entries");
}

Held held_by(const std::string& kind, const std::vector<fs::path>& paths) {
  Held held;
  for (const fs::path& path : paths) look_into(Hdf5File::open(path), "/", entries_of(kind), held);
  return held;
}

/// "float32 [lag, height, width]" -> 3
std::size_t axes_of(const std::string& type) {
  const auto open = type.find('[');
  return open == std::string::npos ? 0
                                   : 1 + static_cast<std::size_t>(std::count(
                                             type.begin() + static_cast<std::ptrdiff_t>(open), type.end(), ','));
}

/// The files hold all entries, and no dataset besides.
void expect_listed(const std::string& kind, const std::vector<fs::path>& paths) {
  Held held = held_by(kind, paths);
  for (const json& entry : entries_of(kind)) {
    if (entry.contains("attribute")) {
      const std::string object = entry.at("object"), name = entry.at("attribute");
      EXPECT_TRUE(held.attributes.contains({object, name})) << kind << ": no file has " << object << " " << name;
      continue;
    }
    const std::string path = entry.at("dataset");
    const auto found = held.datasets.find(path);
    if (found == held.datasets.end()) {
      ADD_FAILURE() << kind << ": no file has " << path;
      continue;
    }
    EXPECT_EQ(found->second, axes_of(entry.at("type"))) << path;
    held.datasets.erase(found);
  }
  for (const auto& [path, axes] : held.datasets) ADD_FAILURE() << kind << ": " << path << " is not in the list";
}

TEST(Hdf5List, HoldsRates) {
  const TemporaryFolder folder;
  RunScore score{"test block", std::vector<CellScore>(1)};
  CellScore& cell = score.cells[0];
  cell.cell = 4;
  cell.frame = {1};
  cell.rate = cell.ln_rate = cell.counts = {1};
  write_score(folder / "", score, kOrigin);
  expect_listed("rates", {layout::rates(folder / "")});
}

TEST(Hdf5List, HoldsFittedModels) {
  const TemporaryFolder folder;
  fs::create_directories(layout::cell(folder / "", 4));
  const FittedArrays fitted = testing::some_fitted();
  write_fitted(folder / "", 4, fitted, kOrigin);
  expect_listed("fitted", {layout::fitted(folder / "", 4)});
}

TEST(Hdf5List, HoldsRevealedMaps) {
  const TemporaryFolder folder;
  CellSubunits cell;
  SetAll set;
  set(cell);
  cell.cell = 4;
  cell.error.clear();
  for (auto* subunits : {&cell.subunits, &cell.suppressive})
    for (Subunit& s : *subunits) set.set_array(s.spatial, {2, 3});
  set.set_array(cell.linear, {2, 3});
  set.set_array(cell.true_spatial, {3, 2, 3});
  write_reveal(folder / "", {cell}, kOrigin);
  expect_listed("reveal", {layout::reveal(folder / "")});
}

TEST(Hdf5List, HoldsRecordings) {
  const TemporaryFolder folder;
  CellRecipe recipe;
  recipe.frames = 60;
  recipe.output = OutputNonlinearity::saturating;
  recipe.spikes = SpikeRule::negative_binomial;
  recipe.traits.divisive_gain = recipe.traits.refractory = recipe.traits.drift = recipe.traits.shared_noise = 0.5;
  const Recording simulated = simulate(recipe);
  write_recording(folder / "recipe.h5", simulated);

  // All that the other one has not: frames, places, light, bins, and the spike times that these were made of.
  Recording stored;
  stored.frame_rate = 10;
  stored.pixel_um = 30;
  stored.mean_light = LightLevel{3, "cd/m2"};
  stored.names = {"a"};
  SpikeRecord record;
  record.spikes = {{0.05, 0.31}};
  record.shown = {{0, 5, 0, 0, -1}};
  for (int frame = 0; frame < 5; ++frame) {
    record.begin.push_back(0.1 * frame);
    record.end.push_back(0.1 * (frame + 1));
  }
  NdArray<float> movie({5, 1, 3, 4});
  for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i) / 7;
  show(stored, memory_stimulus(std::move(movie)), {2, 1});
  const BinnedSpikes binned = bin_spikes(record, stored.bin);
  stored.counts = binned.counts;
  stored.segments = binned.segments;
  stored.record = record;
  stored.centers = {{1, 2}};
  stored.contours = {{{0, 0}, {2, 0}, {1, 2}}};
  stored.source = "made by a test";
  write_recording(folder / "stored.h5", stored);
  expect_listed("recording", {folder / "recipe.h5", folder / "stored.h5"});
}

}  // namespace
}  // namespace plexiform
