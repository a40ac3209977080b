#include "plexiform/progress/metrics.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "plexiform/base/enum_names.hpp"
#include "plexiform/progress/json_lines_impl.hpp"

namespace plexiform {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStarted = "started";
constexpr const char* kEnded = "ended";
constexpr const char* kInterrupted = "interrupted";

constexpr EnumNames<ErrorKind, 6> kKinds{{{ErrorKind::usage, "usage"},
                                          {ErrorKind::missing, "missing"},
                                          {ErrorKind::damaged, "damaged"},
                                          {ErrorKind::file, "file"},
                                          {ErrorKind::data, "data"},
                                          {ErrorKind::numeric, "numeric"}}};
constexpr EnumNames<EndedBy, 4> kEnds{{{EndedBy::person, "person"},
                                       {EndedBy::error, "error"},
                                       {EndedBy::internal, "internal"},
                                       {EndedBy::killed, "killed"}}};

std::string this_machine() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

Json event_json(const std::string& event, double at) {
  return {{"event", event}, {"at", std::round(at * 1000) / 1000}};
}

std::string text_of(Json line, const WorkTotals& totals) {
  line["finished"] = totals.finished;
  line["whole"] = std::round(totals.whole * 1e4) / 1e4;
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);  // a name may be no UTF-8
}

void put_piece(Json& line, const Piece& piece) {
  if (piece.cell) line["cell"] = *piece.cell;
  if (!piece.name.empty()) line["name"] = piece.name;
  if (!piece.method.empty()) line["method"] = piece.method;
  if (piece.value) line["value"] = *piece.value;
  if (piece.seed) line["seed"] = *piece.seed;
}

void put_figures(Json& line, const PieceResult& result) {
  for (const auto& figure : result.figures)
    if (std::isfinite(figure.value)) line[figure.name] = std::round(figure.value * 1e6) / 1e6;
}

void put_result(Json& line, const PieceResult& result) {
  line["seconds"] = std::round(result.seconds * 1000) / 1000;
  if (!result.error.empty()) line["error"] = result.error;
  put_figures(line, result);
  if (!result.chosen.empty()) line["chosen"] = result.chosen;
}

template <class T>
std::optional<T> value(const Json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    if (found->is_string()) return found->template get<T>();
  } else {
    if (found->is_number()) return found->template get<T>();
  }
  return std::nullopt;
}

Piece piece_of(const Json& line) {
  Piece piece;
  piece.cell = value<std::int64_t>(line, "cell");
  piece.name = value<std::string>(line, "name").value_or("");
  piece.method = value<std::string>(line, "method").value_or("");
  piece.value = value<double>(line, "value");
  piece.seed = value<std::uint64_t>(line, "seed");
  return piece;
}

/// Numbers under other names than these are figures.
bool is_figure(const std::string& key, const Json& value) {
  constexpr const char* kOthers[] = {"at", "cell", "value", "seed", "share", "seconds", "finished", "whole"};
  return value.is_number() && std::ranges::find(kOthers, key) == std::end(kOthers);
}

PieceResult result_of(const Json& line) {
  PieceResult result;
  result.seconds = value<double>(line, "seconds").value_or(0);
  result.error = value<std::string>(line, "error").value_or("");
  result.chosen = value<std::string>(line, "chosen").value_or("");
  for (const auto& [key, number] : line.items())
    if (is_figure(key, number)) result.figures.push_back({key, number.get<double>()});
  return result;
}

/// Before there were causes, logs had the exit codes of the program.
std::optional<Cause> cause_of_exit(int exit) {
  switch (exit) {
    case 1:
      return Cause{EndedBy::internal};
    case 2:
      return Cause{EndedBy::error, ErrorKind::usage};
    case 3:
      return Cause{EndedBy::error, ErrorKind::file};
    case 4:
      return Cause{EndedBy::error, ErrorKind::data};
    case 5:
      return Cause{EndedBy::error, ErrorKind::numeric};
    case 130:
      return Cause{EndedBy::person};
    default:
      return std::nullopt;
  }
}

std::optional<Cause> cause_of(const Json& line) {
  if (const auto name = value<std::string>(line, "cause")) return cause_from(*name);
  return cause_of_exit(value<int>(line, "exit").value_or(0));
}

/// A record in the making: where each piece is in it, by name.
struct Reading {
  WorkRecord record;
  std::map<std::string, std::size_t> index;
};

PieceRecord& record_of(Reading& reading, const Piece& piece) {
  auto& pieces = reading.record.pieces;
  const auto [at, is_new] = reading.index.try_emplace(to_string(piece), pieces.size());
  if (is_new) pieces.push_back({piece, PieceState::waiting, 0, 0, {}});
  return pieces[at->second];
}

/// What was being worked on until `at` is not any more.
void stop_pieces(WorkRecord& record, double at) {
  for (auto& piece : record.pieces) {
    if (piece.state != PieceState::running) continue;
    piece.state = PieceState::interrupted;
    piece.result.seconds += std::max(at - piece.begun_at, 0.0);
  }
}

void read_piece(Reading& reading, const std::string& event, const Json& line, double at) {
  PieceRecord& piece = record_of(reading, piece_of(line));
  if (event == to_string(PieceEvent::begun)) {
    if (piece.state != PieceState::interrupted) piece.result = {};
    piece.state = PieceState::running;
    piece.begun_at = at;
  } else if (event == to_string(PieceEvent::moved)) {
    piece.share = value<double>(line, "share").value_or(piece.share);
    piece.result.figures = result_of(line).figures;
  } else {
    piece.state = event == to_string(PieceEvent::done) ? PieceState::done : PieceState::failed;
    piece.share = 1;
    piece.result = result_of(line);
  }
}

bool is_piece_event(const std::string& event) {
  using enum PieceEvent;
  for (const PieceEvent known : {begun, moved, done, failed})
    if (event == to_string(known)) return true;
  return false;
}

void read_line(Reading& reading, const Json& line) {
  WorkRecord& record = reading.record;
  const std::string event = value<std::string>(line, "event").value_or("");
  const double at = value<double>(line, "at").value_or(record.last_at);
  if (event == kStarted) {
    stop_pieces(record, record.last_at);  // killed without a word
    record.totals.work = value<std::string>(line, "work").value_or("");
    record.totals.unit = value<std::string>(line, "unit").value_or("piece");
    record.totals.pieces = value<std::int64_t>(line, "pieces").value_or(0);
    record.state = WorkState::running;
    record.started_at = at;
    record.process = value<std::int64_t>(line, "process").value_or(0);
    record.machine = value<std::string>(line, "machine").value_or("");
    record.whole_at_start = value<double>(line, "whole").value_or(0);
  } else if (event == kEnded) {
    record.state = WorkState::ended;
  } else if (event == kInterrupted) {
    stop_pieces(record, at);
    record.state = WorkState::interrupted;
    record.cause = cause_of(line);
    record.error = value<std::string>(line, "error").value_or("");
  } else if (is_piece_event(event)) {
    read_piece(reading, event, line, at);
  } else {
    return;  // of a newer version
  }
  record.totals.finished = value<std::int64_t>(line, "finished").value_or(record.totals.finished);
  record.totals.whole = value<double>(line, "whole").value_or(record.totals.whole);
  record.last_at = at;
}

}  // namespace

std::string to_string(PieceState state) {
  switch (state) {
    case PieceState::waiting:
      return "waiting";
    case PieceState::running:
      return "running";
    case PieceState::done:
      return "done";
    case PieceState::failed:
      return "failed";
    case PieceState::interrupted:
      break;
  }
  return "interrupted";
}

std::string to_string(WorkState state) {
  switch (state) {
    case WorkState::waiting:
      return "waiting";
    case WorkState::running:
      return "running";
    case WorkState::interrupted:
      return "interrupted";
    case WorkState::ended:
      break;
  }
  return "ended";
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string started_line(const WorkTotals& totals, double at) {
  Json line = event_json(kStarted, at);
  line["work"] = totals.work;
  line["unit"] = totals.unit;
  line["pieces"] = totals.pieces;
  line["process"] = ::getpid();
  line["machine"] = this_machine();
  return text_of(std::move(line), totals);
}

std::string piece_line(const PieceNews& news, const WorkTotals& totals, double at) {
  Json line = event_json(to_string(news.event), at);
  put_piece(line, news.piece);
  if (news.event == PieceEvent::moved) {
    line["share"] = std::round(news.share * 1e4) / 1e4;
    put_figures(line, news.result);
  }
  if (news.event == PieceEvent::done || news.event == PieceEvent::failed) put_result(line, news.result);
  return text_of(std::move(line), totals);
}

std::string ended_line(const WorkTotals& totals, double at) {
  return text_of(event_json(kEnded, at), totals);
}

std::string to_string(const Cause& cause) {
  if (cause.by == EndedBy::error) return name_of(kKinds, cause.kind);
  return name_of(kEnds, cause.by);
}

std::optional<Cause> cause_from(const std::string& name) {
  for (const auto& [kind, known] : kKinds)
    if (name == known) return Cause{EndedBy::error, kind};
  for (const auto& [by, known] : kEnds)
    if (name == known && by != EndedBy::error) return Cause{by};
  return std::nullopt;
}

std::string interrupted_line(const WorkTotals& totals, double at, const Cause& cause, const std::string& error) {
  Json line = event_json(kInterrupted, at);
  line["cause"] = to_string(cause);
  if (!error.empty()) line["error"] = error;
  return text_of(std::move(line), totals);
}

WorkRecord read_metrics(const std::filesystem::path& path) {
  Reading reading;
  for (const Json& line : read_json_lines(path)) read_line(reading, line);
  return std::move(reading.record);
}

bool was_killed(const WorkRecord& record) {
  return record.state == WorkState::running && record.process > 0 && record.machine == this_machine() &&
         ::kill(static_cast<pid_t>(record.process), 0) != 0 && errno == ESRCH;
}

WorkRecord killed(WorkRecord record) {
  stop_pieces(record, record.last_at);
  record.state = WorkState::interrupted;
  record.cause = Cause{EndedBy::killed};
  record.error = "its process no longer runs";
  return record;
}

}  // namespace plexiform
