#pragma once
#include <algorithm>
#include <csignal>

#include "plexiform/base/error.hpp"
#include "plexiform/run/watch.hpp"

inline constexpr int kOurError = 1, kInterrupted = 130;

/// The program's exit codes: 0, 1 for an error of our own, 130 for Ctrl-C, and these.
inline int exit_code(plexiform::ErrorKind kind) {
  using enum plexiform::ErrorKind;
  switch (kind) {
    case usage:
      return 2;
    case missing:
    case damaged:
    case file:
      return 3;
    case data:
      return 4;
    case numeric:
      break;
  }
  return 5;
}

/// What the program ended with that a log tells of.
inline int exit_code(const plexiform::Cause& cause) {
  switch (cause.by) {
    case plexiform::EndedBy::person:
      return kInterrupted;
    case plexiform::EndedBy::error:
      return exit_code(cause.kind);
    case plexiform::EndedBy::internal:
      return kOurError;
    case plexiform::EndedBy::killed:
      break;
  }
  return 128 + SIGKILL;
}

/// 0, that of failed cells, or that of what interrupted the work.
inline int exit_code(const plexiform::Watched& watched) {
  if (watched.work.state == plexiform::WorkState::interrupted)
    return watched.work.cause ? exit_code(*watched.work.cause) : kOurError;
  const bool failed = std::ranges::any_of(
      watched.pieces, [](const auto& piece) { return piece.record.state == plexiform::PieceState::failed; });
  return failed ? exit_code(plexiform::ErrorKind::data) : 0;
}
