#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/formats/format.hpp"

namespace plexiform {

// How the file of a format ties the table's parameters to the fields of its own options.

/// A parameter and what sets its field.
template <class Options>
struct BoundOption {
  FormatOption option;
  std::function<void(Options&, const OptionValue&)> set;
};

template <class T>
void assign(T& field, const OptionValue& value) {
  field = std::get<T>(value);
}
template <class T>
void assign(std::optional<T>& field, const OptionValue& value) {
  field = std::get<T>(value);
}

/// `field`: [](Options& o) -> auto& { return o.counts; }
template <class Options, class Field>
BoundOption<Options> bound(FormatOption option, Field field) {
  return {std::move(option), [field](Options& options, const OptionValue& value) { assign(field(options), value); }};
}

/// A text that stands for something else: `set(options, text)`.
template <class Options, class Set>
BoundOption<Options> bound_text(FormatOption option, Set set) {
  option.type = OptionType::text;
  return {std::move(option),
          [set](Options& options, const OptionValue& value) { set(options, std::get<std::string>(value)); }};
}

/// Values as a format takes them: integers of numbers turned into numbers. Throws Error{usage} for a parameter that the
/// format does not know (with the nearest that it does), one of another type, a number that is not positive, a text
/// that is none of the choices, or a missing one.
OptionValues checked_values(const std::string& format, const std::vector<FormatOption>& options, OptionValues values);

template <class Options>
Format make_format(std::string name, std::string about, std::vector<BoundOption<Options>> bound,
                   Recording (*read)(const Options&), bool (*recognises)(const std::filesystem::path&)) {
  Format format;
  format.name = std::move(name);
  format.about = std::move(about);
  for (const auto& one : bound) format.options.push_back(one.option);
  format.recognises = recognises;
  format.read = [name = format.name, bound = std::move(bound), options = format.options,
                 read](const OptionValues& values) {
    Options resolved;
    const OptionValues checked = checked_values(name, options, values);
    for (const auto& one : bound)
      if (const auto value = checked.find(one.option.name); value != checked.end()) one.set(resolved, value->second);
    return read(resolved);
  };
  return format;
}

}  // namespace plexiform
