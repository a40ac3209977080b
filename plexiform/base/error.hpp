#pragma once
#include <stdexcept>
#include <string>

namespace plexiform {

/// What kind of thing is wrong; the value is the program's exit code.
enum class ErrorKind { usage = 2, file = 3, data = 4, numeric = 5 };

/// The user's error: what, where, found, expected in `what()`, and what to do about it in `advice()`.
/// The thrower knows the values and writes the message; who knows the file or the object adds it with `at()`.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string advice = {})
      : std::runtime_error(message), kind_(kind), advice_(std::move(advice)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& advice() const { return advice_; }
  /// The same error with the place it happened in before the message: "rec.h5: ...".
  Error at(const std::string& place) const { return {kind_, place + ": " + what(), advice_}; }

 private:
  ErrorKind kind_;
  std::string advice_;
};

/// Our own error: a broken promise inside the library (exit code 1).
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// The run was asked to stop (Ctrl-C); what was saved last is usable.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace plexiform
