#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// What a parameter of a format holds. `number` takes integers too.
enum class OptionType { path, paths, number, integer, text };
using OptionValue =
    std::variant<std::filesystem::path, std::vector<std::filesystem::path>, double, std::int64_t, std::string>;

/// Values by name of parameter.
using OptionValues = std::map<std::string, OptionValue>;

enum class Need { optional, required };
enum class Values { any, positive };

struct FormatOption {
  std::string name;  ///< "frame_rate"
  OptionType type = OptionType::path;
  std::string about;         ///< shape, unit and default, for people
  std::string example = {};  ///< its value in the example of a call; empty: it is not in it
  Need need = Need::optional;
  Values values = Values::any;            ///< of numbers
  std::vector<std::string> choices = {};  ///< of a text; empty: any
};

/// A foreign format: what it is, what its reader takes, and the reader.
struct Format {
  std::string name;
  std::string about;
  std::vector<FormatOption> options;

  /// Whether a file or folder can hold the spikes or counts of this format, by its first bytes; several formats can say
  /// so of one file. Never throws.
  std::function<bool(const std::filesystem::path&)> recognises;

  /// A pure reader: nothing is written, a stimulus may be read when it is asked for. Throws Error{usage} of the
  /// parameter concerned, Error of the file concerned.
  std::function<Recording(const OptionValues&)> read;
};

/// All of them, in the order in which people meet them. To add one: its file, and its line in formats.cpp.
const std::vector<Format>& formats();

/// Throws Error{usage} with the nearest known name.
const Format& format_of(const std::string& name);

/// Formats of which a file or folder may hold spikes or counts.
std::vector<std::string> formats_that_recognise(const std::filesystem::path& path);

}  // namespace plexiform
