#include "plexiform/run/watch.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "program.hpp"
#include "text.hpp"
#include "watch_text.hpp"

namespace {

using plexiform::Watched;

constexpr std::chrono::milliseconds kInterval{1000};

struct WatchOptions {
  std::filesystem::path folder;
  bool once = false;
};

winsize terminal_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 4 || size.ws_col < 20) return {24, 80, 0, 0};
  return size;
}

/// Another look; none where the folder was there before and is gone, as that of an interrupted transfer.
std::optional<Watched> look(const std::filesystem::path& folder, bool seen) {
  if (seen && !plexiform::path_exists(folder)) return std::nullopt;
  return plexiform::read_watched(folder);
}

int say_gone(const std::filesystem::path& folder) {
  std::printf("%s: no longer exists: the job was interrupted and left no files\n", folder.c_str());
  return kInterrupted;
}

bool is_over(const Watched& watched) {
  return watched.work.state == plexiform::WorkState::ended || watched.work.state == plexiform::WorkState::interrupted;
}

/// Waits for the next look. Throws Interrupted on a stop request.
void wait(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, kInterval, [] { return false; });
  if (stop.stop_requested()) throw plexiform::Interrupted();
}

int show_once(const WatchOptions& options, bool json) {
  const Watched watched = plexiform::read_watched(options.folder);
  const double now = plexiform::seconds_since_1970();
  if (json) {
    std::printf("%s\n", plexiform::to_json(watched, now).c_str());
  } else {
    std::printf("%s\n", summary(watched, now).c_str());
    for (const auto& line : table(watched, now, 0, 0)) std::printf("%s\n", line.c_str());
  }
  return exit_code(watched);
}

/// A table that is drawn over itself.
int follow_on_terminal(const WatchOptions& options, const std::stop_token& stop) {
  for (std::size_t drawn = 0;; wait(stop)) {
    const auto seen = look(options.folder, drawn > 0);
    if (!seen) return say_gone(options.folder);
    const Watched& watched = *seen;
    const double now = plexiform::seconds_since_1970();
    const winsize size = terminal_size();
    std::string text = drawn > 0 ? "\033[" + std::to_string(drawn) + "A\r\033[J" : "";
    text += cut(summary(watched, now), size.ws_col) + "\n";
    const auto lines = table(watched, now, size.ws_row - 2U, size.ws_col);
    for (const auto& line : lines) text += line + "\n";
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    if (is_over(watched)) return exit_code(watched);
    drawn = lines.size() + 1;
  }
}

/// A line for each change.
int follow_in_lines(const WatchOptions& options, const std::stop_token& stop) {
  std::map<std::string, plexiform::PieceState> told;
  for (bool again = false;; again = true, wait(stop)) {
    const auto seen = look(options.folder, again);
    if (!seen) return say_gone(options.folder);
    const Watched& watched = *seen;
    const double now = plexiform::seconds_since_1970();
    for (const auto& piece : watched.pieces) {
      auto& state = told[to_string(piece.record.piece)];  // waiting, to begin with
      if (state != piece.record.state) std::printf("%s\n", news_of(piece, now).c_str());
      state = piece.record.state;
    }
    if (is_over(watched)) std::printf("%s\n", summary(watched, now).c_str());
    std::fflush(stdout);
    if (is_over(watched)) return exit_code(watched);
  }
}

int watch(const WatchOptions& options, const Caller& caller) {
  if (caller.common.json && !options.once)
    throw plexiform::Error(plexiform::ErrorKind::usage, "--json shows one state, and watch follows many", "add --once");
  if (options.once) return show_once(options, caller.common.json);
  return isatty(STDOUT_FILENO) != 0 ? follow_on_terminal(options, caller.stop) : follow_in_lines(options, caller.stop);
}

}  // namespace

void add_watch(Program& program) {
  auto options = std::make_shared<WatchOptions>();
  auto* verb = program.add_verb(program.app, "watch",
                                "progress of a fit until it ends (also of a compare, study or transfer); ends with its "
                                "exit code",
                                "plexiform watch run\n  plexiform watch run --once --json");
  verb->add_option("run", options->folder, "run directory, or the folder of a compare, study or transfer")->required();
  verb->add_flag("--once", options->once, "show how it stands now, and end");
  verb->callback(
      [&program, options] { program.action = [options](const Caller& caller) { return watch(*options, caller); }; });
}
