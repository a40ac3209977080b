#include "progress_line.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

struct LineState {
  std::string unit;
  double first_done = 0;
  Clock::time_point begun, shown;
};

std::string duration(double seconds) {
  char text[32];
  if (seconds < 90)
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  else
    std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
  return text;
}

std::string count(double value) {
  char text[32];
  if (value >= 1e6)
    std::snprintf(text, sizeof text, "%.1f million", value / 1e6);
  else
    std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

std::string line_of(const plexiform::Progress& p, const LineState& state) {
  std::string line = p.what;
  if (p.total > 0) {
    char share[16];
    std::snprintf(share, sizeof share, " %3.0f %%", 100 * p.done / p.total);
    line += share;
    const double seconds = std::chrono::duration<double>(Clock::now() - state.begun).count();
    const double rate = seconds > 0.2 ? (p.done - state.first_done) / seconds : 0;
    if (rate > 0)
      line += ", " + count(rate) + " " + p.unit + "/s, at most " + duration((p.total - p.done) / rate) + " left";
  }
  if (!p.figures.empty()) line += ", " + p.figures;
  return line;
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

}  // namespace

plexiform::ProgressSink progress_line(bool quiet) {
  if (quiet || isatty(STDERR_FILENO) == 0) return [](const plexiform::Progress&) {};
  return [state = std::make_shared<LineState>()](const plexiform::Progress& p) {
    const auto now = Clock::now();
    const bool begins = p.unit != state->unit || p.done < state->first_done || state->begun == Clock::time_point{};
    if (begins) *state = {p.unit, p.done, now, {}};
    if (!begins && now - state->shown < std::chrono::milliseconds(100)) return;
    state->shown = now;
    const std::string line = line_of(p, *state);
    std::fprintf(stderr, "\r\033[K%s", line.substr(0, terminal_width() - 1).c_str());
    std::fflush(stderr);
  };
}

void clear_progress_line() {
  if (isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
}
