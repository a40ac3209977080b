#include "plexiform/run/cell_done.hpp"

#include <string>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/json_fields_impl.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kListsItsFiles = 2;  ///< the first version of config.toml with which DONE does

/// What a fit leaves of a cell.
std::vector<fs::path> files_of(const fs::path& run, std::int64_t cell) {
  return {layout::model(run, cell), layout::fitted(run, cell)};
}

void require_file(const fs::path& file, const std::string& expected, const std::string& advice) {
  if (!is_file(file))
    throw Error(ErrorKind::missing, "no such file, though the fit of this cell has ended", advice).in_file(file);
  if (const std::string found = checksum(file); found != expected)
    throw Error(ErrorKind::damaged,
                "is not what the fit of this cell left: checksum " + found + ", expected " + expected, advice)
        .in_file(file);
}

void require_config(const fs::path& run, const std::string& expected) {
  if (config_sum(run) == expected) return;
  throw Error(ErrorKind::damaged,
              "is not the one by which a cell was fitted: checksum " + config_sum(run) + ", expected " + expected,
              "put it back as it was, or fit again under another name")
      .in_file(layout::config(run));
}

std::string text_in(const json& object, const std::string& key) {
  std::string text;
  value_from(required(object, key, "a checksum"), key, text);
  return text;
}

}  // namespace

void mark_cell_done(const fs::path& run, const RunInfo& info, std::int64_t cell) {
  json sums = json::object();
  for (const fs::path& file : files_of(run, cell))
    if (is_file(file)) sums[file.filename().string()] = checksum(file);
  const json object = {{"cell", cell}, {"config", config_sum(run)}, {"left", sums}};
  write_text_atomically(layout::done(layout::cell(run, cell)),
                        file_text(with_head(object, artefacts::cell_done, Origin{info.checksum, {}})));
}

void require_whole_cell(const fs::path& run, const RunInfo& info, std::int64_t cell) {
  const fs::path marker = layout::done(layout::cell(run, cell));
  if (!path_exists(marker) || info.version < kListsItsFiles) return;
  read_json_file(marker, artefacts::cell_done, {Age::versioned, {info.checksum, {}}}, [&](const json& object) {
    std::int64_t of = -1;
    from_json_value(required(object, "cell", "a row of the recording"), "cell", of);
    if (of != cell) refuse_field("cell", std::to_string(of), std::to_string(cell));
    require_config(run, text_in(object, "config"));
    const json& sums = required(object, "left", "checksums of files");
    required(sums, layout::model(run, cell).filename().string(), "a checksum");
    for (const fs::path& file : files_of(run, cell))
      if (const std::string name = file.filename().string(); sums.contains(name))
        require_file(file, text_in(sums, name), mend_of(info));
  });
}

void require_whole(const fs::path& run, const RunInfo& info) {
  for (const auto cell : info.cells) require_whole_cell(run, info, cell);
}

}  // namespace plexiform
