#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/form/model_settings.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/recording/geometry.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// What a run directory's config.toml holds: the settings as resolved, and under [run] what else decides the result.
struct RunInfo {
  Settings settings;
  std::filesystem::path recording;  ///< absolute
  std::string checksum;             ///< of the recording, see base/file.hpp
  std::uint64_t seed = 0;
  int threads = 1;
  TestBlock test;
  std::vector<std::int64_t> cells;
  std::map<std::int64_t, std::string> names;  ///< of the cells; none in runs of before 2026-11-28
  std::optional<Geometry> geometry;           ///< of the recording; likewise
  std::string models_by;                      ///< "compare", "reveal"; empty: by a fit, which can be resumed
  int version = artefacts::config.version;    ///< of the config.toml that it was read from; 0: from before versions
};

/// Throws Error{usage} if there is a file or folder of that name: a run is never overwritten.
void require_new_run(const std::filesystem::path& run);
/// Makes the directory and its config.toml. Throws Error{usage} as require_new_run does, also where another process
/// makes it at the same time.
void create_run(const std::filesystem::path& run, const RunInfo& info);
/// Throws Error{missing} if `run` is not a run directory, Error{damaged} if its config.toml is not whole, is of a newer
/// version or of another kind.
RunInfo read_run(const std::filesystem::path& run);
bool is_run(const std::filesystem::path& folder);
/// A checksum of all in a run's config.toml that decides its results: of its text without the recording's path and the
/// number of threads. 16 hex digits (XXH3-64).
std::string config_sum(const std::filesystem::path& run);

/// Whether files of a run may be from before files had versions.
Age age_of(const RunInfo& info);
/// The checksums of a run's recording and of the models that it has.
Origin origin_of(const std::filesystem::path& run, const RunInfo& info);
/// What its files must be: of its recording, and of the models of the cells whose fits have ended. Those of others
/// still change.
Home home_of(const std::filesystem::path& run, const RunInfo& info);
/// Throws Error{data} if the file is not the recording of the run (any more).
void require_recording(const RunInfo& info, const std::filesystem::path& recording);

/// The run's recording: at the path it had, or at `moved_to`. Throws Error{file} where it is missing, Error{data} where
/// its checksum is another.
Recording open_run_recording(const RunInfo& info, const std::optional<std::filesystem::path>& moved_to = std::nullopt,
                             const Context& context = {});

/// Another recording, for the run's models to predict. With `rescale` it is brought to the geometry of the run's own
/// recording (recording/geometry.hpp), without it throws Error{data} where they differ, or where images were flashed.
Recording open_other_recording(const RunInfo& info, const std::filesystem::path& other, bool rescale,
                               const std::optional<std::filesystem::path>& moved_to = std::nullopt);

/// How a run splits its recording, and the split itself.
SplitSettings split_settings(const RunInfo& info);
Split run_split(const RunInfo& info, const Recording& recording);

/// As layout::cell and layout::model.
std::filesystem::path cell_folder(const std::filesystem::path& run, std::int64_t cell);
std::filesystem::path model_path(const std::filesystem::path& run, std::int64_t cell);
/// What to do about a damaged cell of a run.
std::string mend_of(const RunInfo& info);
/// The marker that a run has ended (of a cell: run/cell_done.hpp).
void mark_done(const std::filesystem::path& run);
/// Whether a cell or a run has ended.
bool is_done(const std::filesystem::path& folder);
/// Why a cell could not be fitted, if so.
std::optional<std::string> cell_error(const std::filesystem::path& folder);
void set_cell_error(const std::filesystem::path& folder, const std::string& error);

/// The cells of a run, for a work on them.
std::vector<Piece> cell_pieces(const RunInfo& info, const Recording& recording);

}  // namespace plexiform
