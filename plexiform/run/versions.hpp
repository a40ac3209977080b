#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "plexiform/base/hdf5.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {

/// A kind of file that the library writes, and the newest version of it that this library writes and reads.
struct ArtefactKind {
  const char* format;  ///< "plexiform-score"
  int version;
  const char* what;       ///< for people: "the scores of a run"
  const char* made_by;    ///< what to do to get it again: "score the run again"
  int sums_since = 1;     ///< the first version that carries checksums of what it is of
  bool was_list = false;  ///< before it had a version, its JSON was a list
};

namespace artefacts {
inline constexpr const char* kFitAgain = "remove the folder of this cell and resume the fit: it is fitted again";

inline constexpr ArtefactKind config{"plexiform-run", kSettingsVersion, "the settings of a run",
                                     "fit again under another name"};
inline constexpr ArtefactKind model{"plexiform-model", 3, "the model of a cell", kFitAgain};
inline constexpr ArtefactKind fitted{"plexiform-fitted", 2, "the fitted models as arrays", kFitAgain, 2};
inline constexpr ArtefactKind cell_done{"plexiform-done", 1, "the end of a cell's fit", kFitAgain};
inline constexpr ArtefactKind rates{"plexiform-rates", 2, "the predicted rates of a run", "score the run again", 2};
inline constexpr ArtefactKind score{"plexiform-score", 1, "the scores of a run", "score the run again"};
inline constexpr ArtefactKind subunits{"plexiform-subunits", 2, "the revealed subunits", "reveal the run again"};
inline constexpr ArtefactKind reveal{"plexiform-reveal", 3, "the maps of revealed subunits", "reveal the run again", 2};
inline constexpr ArtefactKind comparison{"plexiform-comparison", 1, "a comparison", "compare again"};
inline constexpr ArtefactKind study{"plexiform-study", 1, "a study", "run the study again"};
inline constexpr ArtefactKind study_piece{
    "plexiform-study-piece", 2, "a piece of a study", "remove the file; it is recomputed on resume", 2, true};
inline constexpr ArtefactKind transfer{"plexiform-transfer", 1, "a transfer", "transfer again"};
inline constexpr ArtefactKind flashed{"plexiform-flashed", 1, "a comparison on flashed images", "compare again"};
inline constexpr ArtefactKind page{"plexiform page", 1, "the data of a report page", "write the page again"};
}  // namespace artefacts

/// What a file says of itself; absent where it does not.
struct FoundVersion {
  std::optional<std::string> format;
  std::optional<double> version;
};

/// Whether a file may be one from before files had versions: those in a folder whose config.toml has none.
enum class Age { any, versioned };

/// The one check of all files. Returns the version: 0 of a file without any. Throws Error{damaged} that says what was
/// found, what was expected and what to do: another kind, a newer version, a number that is no version, or none at all
/// where `age` asks for one. The caller adds the file.
int check_version(const ArtefactKind& kind, const FoundVersion& found, Age age);

/// The checksums (base/file.hpp) of what an artefact was made from, or of what it should have been.
struct Origin {
  std::string recording = {};
  std::map<std::int64_t, std::string> models = {};  ///< of the model files of cells, by row in the recording
};

/// What the files in a folder must be.
struct Home {
  Age age = Age::any;
  Origin origin = {};  ///< what is not known is not checked
};

/// Throws Error{damaged} if the checksum `expected` is known and a file of this `version` carries another one, or none
/// where its version must. `what`: "recording", "model of cell 3".
void check_origin(const ArtefactKind& kind, int version, const std::string& what, const std::string& found,
                  const std::string& expected);

/// HDF5: attributes `format`, `version` and `recording` of the whole, and `model` of an object that is of one cell.
void set_head(Hdf5File& file, const ArtefactKind& kind, const Origin& origin);
void set_model(Hdf5File& file, const std::string& object, const Origin& origin, std::int64_t cell);
/// Opens a file and checks its head; the error names the file. Throws Error{missing} or Error{damaged}.
Hdf5File open_checked(const std::filesystem::path& path, const ArtefactKind& kind, const Home& home);
void check_model(const Hdf5File& file, const std::string& object, const ArtefactKind& kind, const Home& home,
                 std::int64_t cell);

}  // namespace plexiform
