#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/score/score.hpp"

/// One list of fields for both directions: a struct has a function template `fields(T&, on)` in its own namespace that
/// calls on("key", member) for each of them; PutFields makes an object of it, GetFields takes it out of one. A failed
/// entry stops early: `if (!c.error.empty()) return;` after its error works both ways.
///
/// Numbers that are not finite are null, and come back as NaN. Enumerations are their names: to_string(E), and
/// name_into(const std::string&, E&) beside the list of fields.
namespace plexiform {

class PutFields;
class GetFields;

template <class T>
concept HasFields = requires(T& value, const PutFields& on) {
  fields(value, on);
};

[[noreturn]] inline void refuse_field(const std::string& key, const std::string& found, const std::string& expected) {
  throw Error(ErrorKind::damaged, "'" + key + "' is " + found + ", expected " + expected,
              "the file is damaged, or another program wrote it");
}

template <class T>
nlohmann::json json_of(const T& value);
template <class T>
void from_json_value(const nlohmann::json& json, const std::string& key, T& value);

// ---- values

inline nlohmann::json number_json(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

inline nlohmann::json json_value(double value) {
  return number_json(value);
}
inline nlohmann::json json_value(const std::string& value) {
  return value;
}
inline nlohmann::json json_value(const Interval& value) {
  return {number_json(value.low), number_json(value.high)};
}
/// A table: rows of numbers.
inline nlohmann::json json_value(const NdArray<double>& table) {
  auto rows = nlohmann::json::array();
  for (std::int64_t i = 0; !table.shape.empty() && i < table.shape[0]; ++i) {
    auto row = nlohmann::json::array();
    for (const double v : table.row(i)) row.push_back(number_json(v));
    rows.push_back(std::move(row));
  }
  return rows;
}
template <std::integral T>
nlohmann::json json_value(T value) {
  return value;
}
template <class T>
nlohmann::json json_value(const std::vector<T>& values) {
  auto list = nlohmann::json::array();
  for (const T& value : values) list.push_back(json_of(value));
  return list;
}

inline const nlohmann::json& required(const nlohmann::json& object, const std::string& key, const char* expected) {
  if (!object.is_object()) refuse_field(key, std::string("inside ") + object.type_name(), "an object");
  const auto found = object.find(key);
  if (found == object.end()) refuse_field(key, "missing", expected);
  return *found;
}

inline void value_from(const nlohmann::json& json, const std::string& key, double& value) {
  if (!json.is_number() && !json.is_null()) refuse_field(key, json.type_name(), "number");
  value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}
inline void value_from(const nlohmann::json& json, const std::string& key, std::string& value) {
  if (!json.is_string()) refuse_field(key, json.type_name(), "string");
  value = json.get<std::string>();
}
inline void value_from(const nlohmann::json& json, const std::string& key, bool& value) {
  if (!json.is_boolean()) refuse_field(key, json.type_name(), "boolean");
  value = json.get<bool>();
}
template <std::integral T>
void value_from(const nlohmann::json& json, const std::string& key, T& value) {
  if (!json.is_number_integer()) refuse_field(key, json.type_name(), "a whole number");
  value = json.get<T>();
}
inline const nlohmann::json& list_at(const nlohmann::json& json, const std::string& key) {
  if (!json.is_array()) refuse_field(key, json.type_name(), "array");
  return json;
}
template <class T>
void value_from(const nlohmann::json& json, const std::string& key, std::vector<T>& values) {
  values.clear();
  for (const auto& item : list_at(json, key)) {
    T value{};
    from_json_value(item, key, value);
    values.push_back(std::move(value));
  }
}
inline void value_from(const nlohmann::json& json, const std::string& key, Interval& value) {
  std::vector<double> both;
  value_from(json, key, both);
  if (both.size() != 2) refuse_field(key, "a list of " + std::to_string(both.size()), "two numbers");
  value = {both[0], both[1]};
}
inline void value_from(const nlohmann::json& json, const std::string& key, NdArray<double>& table) {
  std::vector<std::vector<double>> rows;
  value_from(json, key, rows);
  const std::size_t columns = rows.empty() ? 0 : rows[0].size();
  table = NdArray<double>({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(columns)});
  auto out = table.values.begin();
  for (const auto& row : rows) {
    if (row.size() != columns) refuse_field(key, "a table with rows of several lengths", "one length");
    out = std::copy(row.begin(), row.end(), out);
  }
}

// ---- objects

class PutFields {
 public:
  static constexpr bool kReads = false;
  explicit PutFields(nlohmann::json& to) : to_(to) {}

  template <class T>
  void operator()(const char* key, const T& value) const {
    to_[key] = json_of(value);
  }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) const {
    if (value) to_[key] = json_of(*value);
  }
  /// A field that older files lack.
  template <class T>
  void later(const char* key, const T& value) const {
    (*this)(key, value);
  }
  /// A value that is null where there is none.
  template <class T>
  void or_null(const char* key, const std::optional<T>& value) const {
    to_[key] = value ? json_of(*value) : nlohmann::json();
  }
  /// A text or a list that is absent where it is empty.
  template <class T>
  void unless_empty(const char* key, const T& value) const {
    if (!value.empty()) to_[key] = json_of(value);
  }
  /// A whole number that is kept as a double.
  void whole(const char* key, double value) const {
    to_[key] = std::isfinite(value) ? nlohmann::json(static_cast<std::int64_t>(value)) : nlohmann::json();
  }

 private:
  nlohmann::json& to_;
};

class GetFields {
 public:
  static constexpr bool kReads = true;
  explicit GetFields(const nlohmann::json& from) : from_(from) {}

  template <class T>
  void operator()(const char* key, T& value) const {
    from_json_value(required(from_, key, "a value"), key, value);
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& value) const {
    value.reset();
    if (has(key)) from_json_value(from_.at(key), key, value.emplace());
  }
  template <class T>
  void later(const char* key, T& value) const {
    if (has(key)) (*this)(key, value);
  }
  template <class T>
  void or_null(const char* key, std::optional<T>& value) const {
    value.reset();
    if (has_value(key)) from_json_value(from_.at(key), key, value.emplace());
  }
  template <class T>
  void unless_empty(const char* key, T& value) const {
    value = {};
    later(key, value);
  }
  void whole(const char* key, double& value) const { (*this)(key, value); }
  bool has(const char* key) const { return from_.is_object() && from_.contains(key); }
  bool has_value(const char* key) const { return has(key) && !from_.at(key).is_null(); }

 private:
  const nlohmann::json& from_;
};

template <class T>
nlohmann::json json_of(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return to_string(value);
  } else if constexpr (HasFields<T>) {
    auto object = nlohmann::json::object();
    fields(const_cast<T&>(value), PutFields(object));  // which only reads it
    return object;
  } else {
    return json_value(value);
  }
}

template <class T>
void from_json_value(const nlohmann::json& json, const std::string& key, T& value) {
  if constexpr (std::is_enum_v<T>) {
    std::string name;
    value_from(json, key, name);
    try {
      name_into(name, value);
    } catch (const Error& error) {
      throw Error(ErrorKind::damaged, "'" + key + "': " + error.what(), error.advice());
    }
  } else if constexpr (HasFields<T>) {
    if (!json.is_object()) refuse_field(key, json.type_name(), "object");
    fields(value, GetFields(json));
  } else {
    value_from(json, key, value);
  }
}

}  // namespace plexiform
