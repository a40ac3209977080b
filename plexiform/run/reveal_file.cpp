#include "plexiform/run/reveal_file.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

constexpr const char* kSuppressive = "/suppressive";

std::string group_of(std::int64_t cell) {
  return "/" + layout::cell_name(cell);
}

/// One row of `rows` for each subunit.
template <class Values>
NdArray<float> stacked(std::span<const Subunit> subunits, std::vector<std::int64_t> shape, const Values& values) {
  shape.insert(shape.begin(), static_cast<std::int64_t>(subunits.size()));
  NdArray<float> all(std::move(shape));
  for (std::size_t i = 0; i < subunits.size(); ++i)
    std::ranges::copy(values(subunits[i]), all.row(static_cast<std::int64_t>(i)).begin());
  return all;
}

template <class Value>
NdArray<float> numbers(std::span<const Subunit> subunits, const Value& value) {
  NdArray<float> all({static_cast<std::int64_t>(subunits.size())});
  for (std::size_t i = 0; i < subunits.size(); ++i) all.values[i] = static_cast<float>(value(subunits[i]));
  return all;
}

/// The subunits of one sign.
void write_subunits(Hdf5File& file, const std::string& group, std::span<const Subunit> subunits) {
  const Subunit& first = subunits.front();
  file.write(group + "/spatial",
             stacked(
                 subunits, first.spatial.shape, [](const Subunit& s) -> const auto& { return s.spatial.values; }));
  file.write(group + "/temporal", stacked(
                                      subunits, {static_cast<std::int64_t>(first.temporal.size())},
                                      [](const Subunit& s) -> const auto& { return s.temporal; }));
  file.write(group + "/weight", numbers(subunits, [](const Subunit& s) { return s.weight; }));
  file.write(group + "/confidence", numbers(subunits, [](const Subunit& s) {
               return s.certainty ? s.certainty->confidence : std::numeric_limits<double>::quiet_NaN();
             }));
  file.write(group + "/both_polarities", numbers(subunits, [](const Subunit& s) { return s.even ? 1 : 0; }));
  if (first.channels.empty()) return;
  file.write(group + "/channel_weight", stacked(
                                            subunits, {static_cast<std::int64_t>(first.channels.size())},
                                            [](const Subunit& s) -> const auto& { return s.channels; }));
  file.write(group + "/channel_temporal",
             stacked(
                 subunits, first.filter.shape, [](const Subunit& s) -> const auto& { return s.filter.values; }));
}

void write_cell(Hdf5File& file, const CellSubunits& cell, const Origin& origin) {
  const std::string group = group_of(cell.cell);
  if (!cell.subunits.empty()) write_subunits(file, group, cell.subunits);
  if (!cell.suppressive.empty()) write_subunits(file, group + kSuppressive, cell.suppressive);
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
      if (cell.error.empty() && !(cell.subunits.empty() && cell.suppressive.empty())) write_cell(file, cell, origin);
    file.close();
  });
}

Hdf5File open_reveal(const std::filesystem::path& run, const Home& home) {
  return open_checked(layout::reveal(run), artefacts::reveal, home);
}

namespace {

/// Maps and time courses of the subunits of one sign; as many subunits as the file has where there are none yet.
void read_subunits(const Hdf5File& file, const std::string& group, std::span<const std::int64_t> grid,
                   std::vector<Subunit>& subunits) {
  const auto spatial = read(file, group + "/spatial", 3), temporal = read(file, group + "/temporal", 2);
  if (spatial.shape[1] != grid[0] || spatial.shape[2] != grid[1]) wrong_shape(file, group, "maps of one grid");
  if (subunits.empty()) subunits.resize(static_cast<std::size_t>(spatial.shape[0]));
  const auto count = static_cast<std::int64_t>(subunits.size());
  if (spatial.shape[0] != count || temporal.shape[0] != count)
    wrong_shape(file, group, "a map and a time course for each of " + std::to_string(count) + " subunits");
  NdArray<float> channels, filters;
  if (file.has(group + "/channel_weight")) channels = read(file, group + "/channel_weight", 2);
  if (!channels.values.empty() && channels.shape[0] != count)
    wrong_shape(file, group, "channels for each of " + std::to_string(count) + " subunits");
  if (file.has(group + "/channel_temporal")) filters = read(file, group + "/channel_temporal", 3);
  if (!filters.values.empty() && filters.shape[0] != count)
    wrong_shape(file, group, "time courses of channels for each of " + std::to_string(count) + " subunits");
  for (std::int64_t i = 0; i < count; ++i) {
    Subunit& s = subunits[static_cast<std::size_t>(i)];
    s.spatial = NdArray<float>({grid[0], grid[1]});
    std::ranges::copy(spatial.row(i), s.spatial.values.begin());
    s.temporal.assign(temporal.row(i).begin(), temporal.row(i).end());
    if (!channels.values.empty()) s.channels.assign(channels.row(i).begin(), channels.row(i).end());
    if (filters.values.empty()) continue;
    s.filter = NdArray<float>({filters.shape[1], filters.shape[2]});
    std::ranges::copy(filters.row(i), s.filter.values.begin());
  }
}

}  // namespace

bool read_maps(const Hdf5File& file, const Home& home, CellSubunits& cell) {
  const std::string group = group_of(cell.cell);
  if (!file.has(group)) return false;  // too little data to name a subunit
  check_model(file, group, artefacts::reveal, home, cell.cell);
  cell.linear = read(file, group + "/linear", 2);
  cell.true_spatial = file.has(group + "/truth") ? read(file, group + "/truth", 3) : NdArray<float>();
  const auto& truth = cell.true_spatial.shape;
  if (!truth.empty() && !std::equal(cell.linear.shape.begin(), cell.linear.shape.end(), truth.begin() + 1))
    wrong_shape(file, group, "maps of one grid");
  const bool suppressed_only = !file.has(group + "/spatial") && cell.subunits.empty();
  if (!suppressed_only) read_subunits(file, group, cell.linear.shape, cell.subunits);
  if (file.has(group + kSuppressive))
    read_subunits(file, group + kSuppressive, cell.linear.shape, cell.suppressive);
  else if (!cell.suppressive.empty())
    wrong_shape(file, group, "maps of " + std::to_string(cell.suppressive.size()) + " suppressive subunits");
  return true;
}

}  // namespace plexiform
