#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace plexiform {

/// What kind of thing is wrong. A program maps kinds to exit codes, a language binding to exception types.
enum class ErrorKind {
  usage,    ///< a parameter makes no sense, or contradicts another one
  missing,  ///< a file or folder is not there
  damaged,  ///< a file is there, but is not what it should be: cut off, of another kind, of a newer version
  file,     ///< the system refuses to read or write
  data,     ///< the values themselves
  numeric,  ///< a computation that gives no finite number
};

/// Whether a kind says that data or numbers do not allow a result, which is then the result.
constexpr bool is_of_values(ErrorKind kind) {
  return kind == ErrorKind::data || kind == ErrorKind::numeric;
}

/// Where something is wrong, for programs; what() holds the same for people.
struct ErrorPlace {
  std::filesystem::path file;             ///< empty where no file is concerned
  std::string object;                     ///< inside the file: "/cells/counts", "line 3"; empty for the whole of it
  std::optional<std::int64_t> cell = {};  ///< row in the recording
};

/// A parameter of the call whose value would mend the error: its name in the library, and a value as an example. A
/// program adds how its own users set it ("--rate 30").
struct ErrorParameter {
  std::string name;
  std::string example;  ///< a number, name or path; empty also where only a program knows how it writes one ("0,3-7")
};

/// The user's error: what, where, found, expected in what(), and what to do about it in advice().
/// The thrower knows the values and writes the message; whoever knows the file, the object or the cell adds it on the
/// way up. No message names an option of a program.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message, std::string advice = {})
      : std::runtime_error(message), kind_(kind), advice_(std::move(advice)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& advice() const { return advice_; }
  const ErrorPlace& place() const { return place_; }
  const std::optional<ErrorParameter>& parameter() const { return parameter_; }

  /// The same error with the place it happened in before the message: "rec.h5: ...".
  Error at(const std::string& place) const { return with(place + ": " + what()); }
  /// The same for the places that programs are told of. The innermost comes first. A message that begins with its place
  /// already ("cell 3 has no spikes") stays as it is.
  Error in_file(const std::filesystem::path& file) const;
  Error in_object(const std::string& object) const;
  Error of_cell(std::int64_t cell) const;
  /// The same error under another name of its file: a temporary one is known to nobody.
  Error in_renamed_file(const std::filesystem::path& file) const;
  /// The same error, which setting this parameter would mend.
  Error mended_by(const std::string& parameter, const std::string& example = {}) const;

 private:
  Error with(const std::string& message) const;
  Error begun_by(const std::string& place, std::string_view ends) const;

  ErrorKind kind_;
  std::string advice_;
  ErrorPlace place_;
  std::optional<ErrorParameter> parameter_;
};

inline Error Error::with(const std::string& message) const {
  Error error(kind_, message, advice_);
  error.place_ = place_;
  error.parameter_ = parameter_;
  return error;
}
/// `ends`: what may follow a place that a message begins with.
inline Error Error::begun_by(const std::string& place, std::string_view ends) const {
  const std::string_view message = what();
  if (place.empty()) return *this;
  if (!message.starts_with(place)) return at(place);
  const std::string_view rest = message.substr(place.size());
  return rest.empty() || ends.find(rest[0]) != std::string_view::npos ? *this : at(place);
}
inline Error Error::in_file(const std::filesystem::path& file) const {
  Error error = begun_by(file.string(), ":");  // a file may be called "is"
  error.place_.file = file;
  return error;
}
inline Error Error::in_object(const std::string& object) const {
  Error error = begun_by(object, " ,:");
  error.place_.object = object;
  return error;
}
inline Error Error::of_cell(std::int64_t cell) const {
  Error error = begun_by("cell " + std::to_string(cell), " ,:");
  error.place_.cell = cell;
  return error;
}
inline Error Error::in_renamed_file(const std::filesystem::path& file) const {
  std::string message = what();
  const std::string old = place_.file.string() + ": ";
  const auto at = place_.file.empty() ? std::string::npos : message.find(old);
  Error error = at == std::string::npos ? in_file(file) : with(message.replace(at, old.size(), file.string() + ": "));
  error.place_.file = file;
  return error;
}
inline Error Error::mended_by(const std::string& parameter, const std::string& example) const {
  Error error = *this;
  error.parameter_ = ErrorParameter{parameter, example};
  return error;
}

/// What a result keeps of an error that data or numbers caused: what it says, and its advice. Any other error is thrown
/// again: a call that makes no sense, or a file that cannot be read, is not a result.
inline std::string noted(const Error& error) {
  if (!is_of_values(error.kind())) throw error;
  return error.advice().empty() ? error.what() : std::string(error.what()) + "; " + error.advice();
}

/// Our own error: a broken promise inside the library.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// The call was asked to stop (Ctrl-C); what was saved last is usable.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace plexiform
