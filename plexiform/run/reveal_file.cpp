#include "plexiform/run/reveal_file.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

std::string group_of(std::int64_t cell) {
  return "/" + layout::cell_name(cell);
}

void write_cell(Hdf5File& file, const CellSubunits& cell, const Origin& origin) {
  const auto count = static_cast<std::int64_t>(cell.subunits.size());
  const auto& first = cell.subunits.front();
  NdArray<float> spatial({count, first.spatial.shape[0], first.spatial.shape[1]});
  NdArray<float> temporal({count, static_cast<std::int64_t>(first.temporal.size())}), weight({count}), confidence;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& s = cell.subunits[static_cast<std::size_t>(i)];
    std::copy(s.spatial.values.begin(), s.spatial.values.end(), spatial.row(i).begin());
    std::copy(s.temporal.begin(), s.temporal.end(), temporal.row(i).begin());
    weight.values[static_cast<std::size_t>(i)] = static_cast<float>(s.weight);
    if (s.certainty) confidence.values.push_back(static_cast<float>(s.certainty->confidence));
  }
  const std::string group = group_of(cell.cell);
  file.write(group + "/spatial", spatial);
  file.write(group + "/temporal", temporal);
  file.write(group + "/weight", weight);
  if (first.certainty) {
    confidence.shape = {static_cast<std::int64_t>(confidence.values.size())};
    file.write(group + "/confidence", confidence);
  }
  file.write(group + "/linear", cell.linear);
  if (!cell.true_spatial.values.empty()) file.write(group + "/truth", cell.true_spatial);
  set_model(file, group, origin, cell.cell);
}

[[noreturn]] void wrong_shape(const Hdf5File& file, const std::string& object, const std::string& expected) {
  throw Error(ErrorKind::damaged, "does not have " + expected, artefacts::reveal.made_by)
      .in_object(object)
      .in_file(file.path());
}

NdArray<float> read(const Hdf5File& file, const std::string& dataset, std::size_t axes) {
  auto array = file.read<float>(dataset);
  if (array.shape.size() != axes || array.values.empty())
    wrong_shape(file, dataset, std::to_string(axes) + " axes with something on each");
  return array;
}

}  // namespace

void write_reveal(const std::filesystem::path& run, const std::vector<CellSubunits>& cells, const Origin& origin) {
  write_atomically(layout::reveal(run), [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    set_head(file, artefacts::reveal, origin);
    for (const auto& cell : cells)
      if (cell.error.empty() && !cell.subunits.empty()) write_cell(file, cell, origin);
    file.close();
  });
}

Hdf5File open_reveal(const std::filesystem::path& run, const Home& home) {
  return open_checked(layout::reveal(run), artefacts::reveal, home);
}

bool read_maps(const Hdf5File& file, const Home& home, CellSubunits& cell) {
  const std::string group = group_of(cell.cell);
  if (!file.has(group)) return false;  // too little data to name a subunit
  check_model(file, group, artefacts::reveal, home, cell.cell);
  const auto spatial = read(file, group + "/spatial", 3), temporal = read(file, group + "/temporal", 2);
  cell.linear = read(file, group + "/linear", 2);
  cell.true_spatial = file.has(group + "/truth") ? read(file, group + "/truth", 3) : NdArray<float>();
  const std::vector<std::int64_t> grid(spatial.shape.begin() + 1, spatial.shape.end());
  const auto& truth = cell.true_spatial.shape;
  if (cell.linear.shape != grid || (!truth.empty() && !std::equal(grid.begin(), grid.end(), truth.begin() + 1)))
    wrong_shape(file, group, "maps of one grid");
  if (cell.subunits.empty()) cell.subunits.resize(static_cast<std::size_t>(spatial.shape[0]));
  const auto count = static_cast<std::int64_t>(cell.subunits.size());
  if (spatial.shape[0] != count || temporal.shape[0] != count)
    wrong_shape(file, group, "a map and a time course for each of " + std::to_string(count) + " subunits");
  for (std::int64_t i = 0; i < count; ++i) {
    Subunit& s = cell.subunits[static_cast<std::size_t>(i)];
    s.spatial = NdArray<float>(grid);
    std::ranges::copy(spatial.row(i), s.spatial.values.begin());
    s.temporal.assign(temporal.row(i).begin(), temporal.row(i).end());
  }
  return true;
}

}  // namespace plexiform
