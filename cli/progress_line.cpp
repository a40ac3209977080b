#include "progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "text.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct LineState {
  std::string what, unit;
  double first_done = 0;
  Clock::time_point begun, shown;
};

std::string line_of(const plexiform::Progress& p, const LineState& state) {
  const double seconds = std::chrono::duration<double>(Clock::now() - state.begun).count();
  const double rate = seconds > 0.2 ? (p.done - state.first_done) / seconds : 0;
  const std::string line = progress_text(p.what, p.done, p.total, rate, p.unit);
  return printable(p.figures.empty() ? line : line + ", " + p.figures);
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

plexiform::ProgressSink progress_line(bool quiet) {
  if (quiet || isatty(STDERR_FILENO) == 0) return [](const plexiform::Progress&) {};
  return [state = std::make_shared<LineState>()](const plexiform::Progress& p) {
    if (p.what.empty()) {
      clear_progress_line();
      *state = {};
      return;
    }
    const auto now = Clock::now();
    const bool begins = p.unit != state->unit || p.done < state->first_done || state->begun == Clock::time_point{};
    if (begins) *state = {"", p.unit, p.done, now, {}};
    if (p.what == state->what && now - state->shown < std::chrono::milliseconds(100)) return;
    state->what = p.what;
    state->shown = now;
    std::fprintf(stderr, "\r\033[K%s", cut(line_of(p, *state), terminal_width() - 1).c_str());
    std::fflush(stderr);
  };
}

void clear_progress_line() {
  if (isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
}
