#pragma once
#include <filesystem>
#include <memory>
#include <stop_token>

/// Ctrl-C (and SIGTERM) as a request to stop, for verbs that end at their next checkpoint; a second one ends the
/// program at once. Exit code 130 either way.
class Interrupts {
 public:
  /// Before any other thread starts: they inherit the signal mask.
  Interrupts();
  std::stop_token token() const { return stop_.get_token(); }
  /// From now on the first Ctrl-C ends the program at once, after removing what is half-written beside `output`.
  void end_at_once(const std::filesystem::path& output);

 private:
  struct Plan;
  std::stop_source stop_;
  std::shared_ptr<Plan> plan_;
};
