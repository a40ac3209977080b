#pragma once
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace plexiform {

// One list of a struct's members, from which its JSON is written and read.

/// Calls on(name, member) for each member; `names`: "x, y, error".
template <class On, class... Member>
void visit_members(std::string_view names, const On& on, Member&... members) {
  const auto next = [&] {
    const std::size_t end = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, end);
    names = names.substr(std::min(end + 2, names.size()));
    return name;
  };
  (on(next(), members), ...);
}

/// The members of an aggregate, all of them in their order: a list that lacks one, or is behind a new one, does not
/// compile. In the namespace of the type.
#define PLEXIFORM_MEMBERS(Type, ...)                  \
  template <class On>                                 \
  void members_of(const Type& object, const On& on) { \
    const auto& [__VA_ARGS__] = object;               \
    visit_members(#__VA_ARGS__, on, __VA_ARGS__);     \
  }                                                   \
  template <class On>                                 \
  void members_of(Type& object, const On& on) {       \
    auto& [__VA_ARGS__] = object;                     \
    visit_members(#__VA_ARGS__, on, __VA_ARGS__);     \
  }

template <class T>
concept HasMembers = requires(T& object) {
  members_of(object, [](std::string_view, auto&) {});
};

struct MemberWriter {
  nlohmann::json& json;
  template <class T>
  void operator()(std::string_view name, const T& value) const {
    json[std::string(name)] = value;
  }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& value) const {
    if (value) json[std::string(name)] = *value;
  }
};

struct MemberReader {
  const nlohmann::json& json;
  template <class T>
  void operator()(std::string_view name, T& value) const {
    json.at(std::string(name)).get_to(value);
  }
  template <class T>
  void operator()(std::string_view name, std::optional<T>& value) const {
    const auto found = json.find(std::string(name));
    value.reset();
    if (found != json.end()) value = found->template get<T>();
  }
};

/// An object of all members by their names in C++; numbers come back to the bit (through msgpack, NaN too), enums as
/// their numbers, an empty optional is absent.
template <HasMembers T>
void to_json(nlohmann::json& json, const T& object) {
  json = nlohmann::json::object();
  members_of(object, MemberWriter{json});
}
template <HasMembers T>
void from_json(const nlohmann::json& json, T& object) {
  members_of(object, MemberReader{json});
}

}  // namespace plexiform
