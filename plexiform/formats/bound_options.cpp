#include "plexiform/formats/bound_options.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"

namespace plexiform {
namespace {

const char* words_of(OptionType type) {
  switch (type) {
    case OptionType::path:
      return "a path";
    case OptionType::paths:
      return "a list of paths";
    case OptionType::number:
      return "a number";
    case OptionType::integer:
      return "a whole number";
    case OptionType::text:
      return "a text";
  }
  return "";
}

void check_number(const FormatOption& option, double value) {
  if (option.values == Values::positive && !(value > 0 && std::isfinite(value)))
    throw Error(ErrorKind::usage, option.name + " is " + std::to_string(value) + ", expected a number above 0")
        .mended_by(option.name, option.example);
}

void check(const FormatOption& option, OptionValue& value) {
  if (option.type == OptionType::number)
    if (const auto* whole = std::get_if<std::int64_t>(&value)) value = static_cast<double>(*whole);
  if (value.index() != static_cast<std::size_t>(option.type))
    throw Error(ErrorKind::usage, option.name + " is of another type, expected " + words_of(option.type))
        .mended_by(option.name, option.example);
  if (const auto* number = std::get_if<double>(&value)) check_number(option, *number);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) check_number(option, static_cast<double>(*whole));
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || option.choices.empty() || std::ranges::find(option.choices, *text) != option.choices.end())
    return;
  std::string known;
  for (const auto& choice : option.choices) known += (known.empty() ? "" : " or ") + choice;
  throw Error(ErrorKind::usage, option.name + " is '" + *text + "', expected " + known)
      .mended_by(option.name, option.choices.front());
}

}  // namespace

OptionValues checked_values(const std::string& format, const std::vector<FormatOption>& options, OptionValues values) {
  std::vector<std::string> known;
  for (const auto& option : options) known.push_back(option.name);
  for (auto& [name, value] : values) {
    const auto option = std::ranges::find(options, name, &FormatOption::name);
    if (option == options.end()) {
      const auto near = nearest(name, known);
      throw Error(ErrorKind::usage, format + " takes no " + name + (near ? "; did you mean " + *near + "?" : ""));
    }
    check(*option, value);
  }
  for (const auto& option : options)
    if (option.need == Need::required && !values.contains(option.name))
      throw Error(ErrorKind::usage, format + " needs " + option.name + ": " + option.about)
          .mended_by(option.name, option.example);
  return values;
}

}  // namespace plexiform
