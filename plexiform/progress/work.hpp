#pragma once
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/progress.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/progress/piece.hpp"

namespace plexiform {

/// Who is told; all may be absent.
struct WorkHooks {
  ProgressSink progress = {};      ///< the whole work as one line, and an empty Progress when it is over
  PieceSink piece = {};            ///< each piece
  std::filesystem::path log = {};  ///< metrics.jsonl: made with the first piece, gone on with where it is there
};

/// A long work in pieces, several of them at a time: each moves its own share, and the sum of all is told as one
/// Progress. Shares never go back. All functions but the first two may be called from any thread; who is told is told
/// by one at a time.
class Work {
 public:
  /// `what` is being done ("fit") to pieces whose `unit` is called so ("cell"). Throws Error{file} where `log` is there
  /// and cannot be read.
  Work(std::string what, std::string unit, std::vector<Piece> pieces, WorkHooks hooks);

  /// The whole: `body` does the work, and its end, or what ended it early, is logged.
  void run(const std::function<void()>& body);

  /// A piece that an earlier call has done (or failed with `error`): counts, but not into the rate. Before all others.
  void keep(std::size_t piece, const std::string& error = {});
  /// What is being done besides pieces, shown until one moves with figures: "reading the stimulus".
  void say(const std::string& what);
  void begin(std::size_t piece);
  /// `validation_bits`: bits per spike on the validation blocks so far, where they are known; their mean over pieces is
  /// shown beside.
  void move(std::size_t piece, double share, std::optional<double> validation_bits = {});
  /// Done, or failed where the result has an error.
  void end(std::size_t piece, const PieceResult& result);

  /// A piece that is a piece of another work too: does as its news say.
  void follow(std::size_t piece, const PieceNews& news);
  /// For a work inside this one: what it says of itself is said besides pieces.
  ProgressSink beside();

  /// Time since a piece was begun, with that before an interruption.
  double seconds(std::size_t piece) const;

 private:
  struct State {
    Piece piece;
    double share = 0;
    bool over = false;
    double seconds_before = 0;  ///< of calls that were interrupted
    std::optional<std::chrono::steady_clock::time_point> begun = {};
    int steps_logged = 0;
    std::optional<double> validation_bits = {};
  };

  // With the mutex held:
  WorkTotals totals() const;
  void tell(const PieceNews& news, bool logged);
  void report() const;
  std::string figures() const;
  void log(const std::string& line);
  void over(const std::string& line);

  void stopped(const Cause& cause, const std::string& error);

  const std::string what_, unit_;
  const WorkHooks hooks_;
  std::vector<State> states_;
  std::string said_;
  std::string start_;  ///< line that waits for the first piece: a folder in which nothing was begun stays as it is
  mutable std::mutex mutex_;
};

}  // namespace plexiform
