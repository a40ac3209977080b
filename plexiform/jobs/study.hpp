#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/form/model_settings.hpp"
#include "plexiform/progress/piece.hpp"
#include "plexiform/result/study.hpp"

namespace plexiform {

/// Model cells of a preset, one for each seed.
struct PresetSubject {
  std::string preset;
  std::optional<std::int64_t> frames = {};  ///< none: the preset's
};
/// Cells of a recording.
struct RecordedSubject {
  std::filesystem::path recording;
  std::vector<std::int64_t> cells = {};  ///< rows of the recording; empty: all
};
using StudySubject = std::variant<PresetSubject, RecordedSubject>;
/// The preset's name, or the recording's path.
std::string name_of(const StudySubject& subject);

std::vector<double> usual_values(StudyKind kind);

struct StudyRequest {
  StudyKind kind = StudyKind::filters;
  StudySubject subject;
  std::filesystem::path folder;                        ///< to be made, or continued
  std::vector<std::uint64_t> seeds = {101, 102, 103};  ///< of the model cell and the fit; of a recording, the fit
  std::vector<double> values;                          ///< empty: the usual ones
  Settings settings;                                   ///< that the study changes
  bool resume = false;
};

/// For each value and each seed: fit, reveal (quick) and score (compare/study_cell.hpp). Model cells are scored on
/// fresh frames, a recording on its test block, which stays where the study changes the amount of data.
/// FOLDER/recordings, FOLDER/runs and FOLDER/pieces keep what was made, FOLDER/study.json the result,
/// FOLDER/metrics.jsonl the log; `piece` is told of each value, seed and cell. With `resume`, finished pieces are taken
/// from FOLDER/pieces. Threads take whole pieces; the result does not depend on their number. Throws Error{usage} if
/// the folder exists (or, to resume, does not, or was made with other arguments) or a value makes no sense, Interrupted
/// on a stop request.
Study run_study(const StudyRequest& request, const Context& context = {}, const PieceSink& piece = {});

}  // namespace plexiform
