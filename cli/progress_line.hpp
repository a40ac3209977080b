#pragma once
#include "plexiform/base/progress.hpp"

/// A sink that keeps one line on a terminal's standard error up to date: what, share done, rate, time left. Elsewhere
/// (a file, a pipe, --quiet) a sink that does nothing.
plexiform::ProgressSink progress_line(bool quiet);
/// Removes the line, before other text is written to standard error.
void clear_progress_line();
