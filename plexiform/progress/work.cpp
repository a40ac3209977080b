#include "plexiform/progress/work.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStepsLogged = 20;  // of a piece, so that a log stays small however long it takes

/// What was spent on a piece that is not over.
double seconds_unfinished(const PieceRecord& piece, const WorkRecord& record) {
  if (piece.state == PieceState::interrupted) return piece.result.seconds;
  if (piece.state != PieceState::running) return 0;
  return piece.result.seconds + record.last_at - piece.begun_at;  // killed without a word, at its last one or later
}

}  // namespace

Work::Work(std::string what, std::string unit, std::vector<Piece> pieces, WorkHooks hooks)
    : what_(std::move(what)), unit_(std::move(unit)), hooks_(std::move(hooks)) {
  for (auto& piece : pieces) states_.push_back({std::move(piece)});
  if (hooks_.log.empty()) return;
  const WorkRecord before = read_metrics(hooks_.log);
  std::map<std::string, double> unfinished;
  for (const auto& known : before.pieces) unfinished[to_string(known.piece)] = seconds_unfinished(known, before);
  for (State& state : states_)
    if (const auto known = unfinished.find(to_string(state.piece)); known != unfinished.end())
      state.seconds_before = known->second;
}

void Work::run(const std::function<void()>& body) {
  {
    const std::lock_guard lock(mutex_);
    start_ = started_line(totals(), seconds_since_1970());
  }
  try {
    body();
  } catch (const Interrupted&) {
    stopped({EndedBy::person}, "");
    throw;
  } catch (const Error& error) {
    stopped({EndedBy::error, error.kind()}, error.what());
    throw;
  } catch (const std::exception& error) {
    stopped({EndedBy::internal}, error.what());
    throw;
  }
  const std::lock_guard lock(mutex_);
  over(ended_line(totals(), seconds_since_1970()));
}

void Work::stopped(const Cause& cause, const std::string& error) {
  const std::lock_guard lock(mutex_);
  try {
    over(interrupted_line(totals(), seconds_since_1970(), cause, error));
  } catch (const Error&) {  // what ended the work says more than that its log cannot be written
  }
}

void Work::over(const std::string& line) {
  if (hooks_.progress) hooks_.progress({});
  if (start_.empty()) log(line);
}

void Work::keep(std::size_t piece, const std::string& error) {
  const std::lock_guard lock(mutex_);
  states_[piece].share = 1;
  states_[piece].over = true;
  if (!error.empty() && hooks_.piece) hooks_.piece({PieceEvent::failed, states_[piece].piece, 1, {0, error}});
}

void Work::say(const std::string& what) {
  const std::lock_guard lock(mutex_);
  said_ = what;
  report();
}

void Work::begin(std::size_t piece) {
  const std::lock_guard lock(mutex_);
  State& state = states_[piece];
  state.begun = Clock::now();
  tell({PieceEvent::begun, state.piece, state.share}, true);
}

void Work::move(std::size_t piece, double share, std::optional<double> validation_bits) {
  const std::lock_guard lock(mutex_);
  State& state = states_[piece];
  if (state.over) return;
  state.share = std::clamp(share, state.share, 1.0);
  PieceResult so_far;
  if (validation_bits && std::isfinite(*validation_bits)) {
    state.validation_bits = validation_bits;
    said_.clear();
    so_far.figures = {{kValidationBits, *validation_bits}};
  }
  const int step = static_cast<int>(std::floor(state.share * kStepsLogged));
  const bool logged = step > state.steps_logged && step < kStepsLogged;
  state.steps_logged = step;
  tell({PieceEvent::moved, state.piece, state.share, so_far}, logged);
}

void Work::end(std::size_t piece, const PieceResult& result) {
  const std::lock_guard lock(mutex_);
  State& state = states_[piece];
  state.share = 1;
  state.over = true;
  tell({result.error.empty() ? PieceEvent::done : PieceEvent::failed, state.piece, 1, result}, true);
}

void Work::follow(std::size_t piece, const PieceNews& news) {
  switch (news.event) {
    case PieceEvent::begun:
      return begin(piece);
    case PieceEvent::moved:
      return move(piece, news.share, figure(news.result, kValidationBits));
    case PieceEvent::done:
    case PieceEvent::failed:
      return end(piece, news.result);
  }
}

ProgressSink Work::beside() {
  return [this](const Progress& inner) {
    if (!inner.what.empty()) say(inner.figures.empty() ? inner.what : inner.what + ", " + inner.figures);
  };
}

double Work::seconds(std::size_t piece) const {
  const std::lock_guard lock(mutex_);
  const State& state = states_[piece];
  const auto since = state.begun ? Clock::now() - *state.begun : Clock::duration{};
  return state.seconds_before + std::chrono::duration<double>(since).count();
}

WorkTotals Work::totals() const {
  WorkTotals all{what_, unit_, static_cast<std::int64_t>(states_.size()), 0, 0};
  double weight = 0;
  for (const State& state : states_) {
    all.finished += state.over ? 1 : 0;
    all.whole += state.share * state.piece.weight;
    weight += state.piece.weight;
  }
  if (weight > 0) all.whole /= weight;
  return all;
}

void Work::tell(const PieceNews& news, bool logged) {
  if (logged) log(piece_line(news, totals(), seconds_since_1970()));
  if (hooks_.piece) hooks_.piece(news);
  report();
}

void Work::report() const {
  if (!hooks_.progress) return;
  const WorkTotals all = totals();
  const auto pieces = static_cast<double>(all.pieces);
  const std::string what = what_ + ": " + std::to_string(all.finished) + " of " + std::to_string(all.pieces) + " " +
                           unit_ + (all.pieces == 1 ? "" : "s");
  hooks_.progress({what, all.whole * pieces, pieces, unit_ + "s", figures()});
}

std::string Work::figures() const {
  if (!said_.empty()) return said_;
  double sum = 0, known = 0;
  for (const State& state : states_) {
    sum += state.validation_bits.value_or(0);
    known += state.validation_bits ? 1 : 0;
  }
  if (known == 0) return {};
  char text[64];
  std::snprintf(text, sizeof text, "validation %.2f bits per spike", sum / known);
  return text;
}

void Work::log(const std::string& line) {
  if (hooks_.log.empty()) return;
  if (!start_.empty()) append_line(hooks_.log, start_);
  start_.clear();
  append_line(hooks_.log, line);
}

}  // namespace plexiform
