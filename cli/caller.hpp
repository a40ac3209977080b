#pragma once
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "plexiform/base/context.hpp"
#include "plexiform/base/progress.hpp"

/// What every verb takes.
struct Common {
  std::optional<std::uint64_t> seed;
  int threads = 0;  ///< 0: what the machine offers
  bool json = false;
  bool quiet = false;
  bool verbose = false;

  std::uint64_t seed_or_zero() const { return seed.value_or(0); }
};

/// What a verb gets besides its own options.
struct Caller {
  Common common;
  plexiform::ProgressSink progress;
  std::stop_token stop;
  std::string command;  ///< how the program was called, as a shell takes it

  /// What it lends to a call of the library. Little memory, so that a recording of any length fits beside others.
  plexiform::Context lent() const { return {common.threads, stop, progress, std::size_t{8} << 20}; }
};
