#pragma once
#include "plexiform/base/progress.hpp"

/// A sink that keeps one line on a terminal's standard error up to date: what, share done, rate, time left. It goes
/// away when the work is over (a Progress without `what`). Elsewhere (a file, a pipe, --quiet) a sink that does
/// nothing.
plexiform::ProgressSink progress_line(bool quiet);
/// Removes the line, before other text is written to standard error.
void clear_progress_line();
