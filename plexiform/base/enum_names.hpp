#pragma once
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"

namespace plexiform {

/// The values of an enumeration and their names in files and settings.
template <class E, std::size_t n>
using EnumNames = std::array<std::pair<E, const char*>, n>;

/// The value of a name. Throws Error{usage} with the nearest known name; `what`: "spike rule".
template <class E, std::size_t n>
E enum_from(const EnumNames<E, n>& names, const std::string& word, const std::string& what) {
  std::vector<std::string> known;
  std::string list;
  for (const auto& [value, name] : names) {
    if (word == name) return value;
    known.emplace_back(name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  const std::optional<std::string> near = nearest(word, known);
  throw Error(ErrorKind::usage, "unknown " + what + " '" + word + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

template <class E, std::size_t n>
std::string name_of(const EnumNames<E, n>& names, E value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  throw InternalError("a value outside its enumeration");
}

}  // namespace plexiform
