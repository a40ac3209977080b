#include "plexiform/run/rates_file.hpp"

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

std::string group_of(std::int64_t cell) {
  return "/" + layout::cell_name(cell);
}

void write_cell(Hdf5File& file, const CellScore& cell, const Origin& origin) {
  constexpr std::int64_t kRows = 4096;
  const std::string group = group_of(cell.cell);
  const auto put = [&]<class T>(const std::string& name, const std::vector<T>& values) {
    file.create<T>(group + name, {static_cast<std::int64_t>(values.size())}, kRows, 4);
    file.write_rows<T>(group + name, 0, values);
  };
  const auto single = [](const std::vector<double>& values) {
    return std::vector<float>(values.begin(), values.end());
  };
  put("/frame", cell.frame);
  put("/counts", std::vector<std::int32_t>(cell.counts.begin(), cell.counts.end()));
  put("/rate", single(cell.rate));
  put("/ln_rate", single(cell.ln_rate));
  set_model(file, group, origin, cell.cell);
}

}  // namespace

void write_rates(const std::filesystem::path& path, const RunScore& score, const Origin& origin) {
  write_atomically(path, [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    set_head(file, artefacts::rates, origin);
    for (const CellScore& cell : score.cells)
      if (cell.error.empty()) write_cell(file, cell, origin);
    file.close();
  });
}

Hdf5File open_rates(const std::filesystem::path& path, const Home& home) {
  return open_checked(path, artefacts::rates, home);
}

bool read_rates(const Hdf5File& file, const Home& home, CellScore& cell) {
  const std::string group = group_of(cell.cell);
  if (!file.has(group)) return false;
  check_model(file, group, artefacts::rates, home, cell.cell);
  cell.frame = file.read<std::int64_t>(group + "/frame").values;
  cell.counts = file.read<double>(group + "/counts").values;
  cell.rate = file.read<double>(group + "/rate").values;
  cell.ln_rate = file.read<double>(group + "/ln_rate").values;
  const std::size_t n = cell.frame.size();
  if (n == 0 || cell.counts.size() != n || cell.rate.size() != n || cell.ln_rate.size() != n)
    throw Error(ErrorKind::damaged,
                "found lists of several lengths, expected frame, counts, rate and ln_rate of one length",
                artefacts::rates.made_by)
        .in_object(group)
        .in_file(file.path());
  return true;
}

}  // namespace plexiform
