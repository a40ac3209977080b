#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/progress/piece.hpp"

namespace plexiform {

/// metrics.jsonl of a long work: a line of JSON for each event, appended whole (docs/formats/run.md has the keys).
/// The one file that holds wall-clock times.

/// What ended a work early: a person who asked it to stop, an error of the user's, one of our own, or a
/// signal that killed the process.
enum class EndedBy { person, error, internal, killed };
struct Cause {
  EndedBy by = EndedBy::person;
  ErrorKind kind = ErrorKind::file;  ///< of an error
  bool operator==(const Cause&) const = default;
};
/// "person", "usage", "missing", "damaged", "file", "data", "numeric", "internal", "killed".
std::string to_string(const Cause& cause);
/// None for a word that is none of these.
std::optional<Cause> cause_from(const std::string& name);

/// Where the whole stands; each line has it.
struct WorkTotals {
  std::string work, unit;  ///< "fit", "cell"
  std::int64_t pieces = 0, finished = 0;
  double whole = 0;  ///< share of all pieces, with those that are being worked on
};

/// Lines, without their ends. `at`: seconds since 1970.
std::string started_line(const WorkTotals& totals, double at);
std::string piece_line(const PieceNews& news, const WorkTotals& totals, double at);
std::string ended_line(const WorkTotals& totals, double at);
/// `error`: empty if a person interrupted.
std::string interrupted_line(const WorkTotals& totals, double at, const Cause& cause, const std::string& error);

/// Now, as lines have it.
double seconds_since_1970();

enum class PieceState { waiting, running, done, failed, interrupted };
std::string to_string(PieceState state);

/// What the lines say about a piece.
struct PieceRecord {
  Piece piece;
  PieceState state = PieceState::waiting;
  double share = 0;
  double begun_at = 0;
  PieceResult result;  ///< seconds: without the time since begun_at while it is running
};

enum class WorkState { waiting, running, interrupted, ended };
std::string to_string(WorkState state);

/// What the lines say about the whole.
struct WorkRecord {
  WorkTotals totals;
  WorkState state = WorkState::waiting;
  double started_at = 0, whole_at_start = 0;  ///< of the last call
  double last_at = 0;                         ///< of the last line
  std::optional<Cause> cause;                 ///< of one that was interrupted; none where it is not known
  std::string error;
  std::vector<PieceRecord> pieces;  ///< that were begun or failed, in that order
  std::int64_t process = 0;         ///< number of the one that works, on `machine`; 0 where it is not known
  std::string machine = {};
};

/// Reads what is there: a file that is missing is an empty record, lines that are not whole or make no sense are left
/// out. Throws Error{file} where it cannot be read.
WorkRecord read_metrics(const std::filesystem::path& path);

/// Whether a work that should be running is not: its process was on this machine and is gone.
bool was_killed(const WorkRecord& record);
/// The record of one that was killed: interrupted at its last line.
WorkRecord killed(WorkRecord record);

}  // namespace plexiform
