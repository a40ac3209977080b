#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "plexiform/base/ndarray.hpp"

/// Visits every member of a plain struct without a list of them, so that a test of "written and read back" fails for a
/// member that nobody thought of: set_all sets each off its default, expect_same compares each.
namespace plexiform::testing {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

/// Initialises a member of any type; an optional by its value, since its constructors take this too.
struct Anything {
  template <class T>
  requires(!IsOptional<T>::value) operator T() const;  // NOLINT: implicit, and never called
};

template <class T, std::size_t... i>
constexpr bool takes(std::index_sequence<i...>) {
  return requires {
    T{(static_cast<void>(i), Anything{})...};
  };
}
template <class T, std::size_t n = 40>
constexpr std::size_t count_members() {
  if constexpr (n == 0 || takes<T>(std::make_index_sequence<n>{}))
    return n;
  else
    return count_members<T, n - 1>();
}

/// References to all members.
template <class T>
auto members(T& value) {
  constexpr std::size_t n = count_members<std::remove_const_t<T>>();
  static_assert(n >= 1 && n <= 38);
#define PLEXIFORM_MEMBERS(count, ...) \
  else if constexpr (n == count) {    \
    auto& [__VA_ARGS__] = value;      \
    return std::tie(__VA_ARGS__);     \
  }
  if constexpr (n == 1) {
    auto& [a] = value;
    return std::tie(a);
  }
  PLEXIFORM_MEMBERS(2, a, b)
  PLEXIFORM_MEMBERS(3, a, b, c)
  PLEXIFORM_MEMBERS(4, a, b, c, d)
  PLEXIFORM_MEMBERS(5, a, b, c, d, e)
  PLEXIFORM_MEMBERS(6, a, b, c, d, e, f)
  PLEXIFORM_MEMBERS(7, a, b, c, d, e, f, g)
  PLEXIFORM_MEMBERS(8, a, b, c, d, e, f, g, h)
  PLEXIFORM_MEMBERS(9, a, b, c, d, e, f, g, h, i)
  PLEXIFORM_MEMBERS(10, a, b, c, d, e, f, g, h, i, j)
  PLEXIFORM_MEMBERS(11, a, b, c, d, e, f, g, h, i, j, k)
  PLEXIFORM_MEMBERS(12, a, b, c, d, e, f, g, h, i, j, k, l)
  PLEXIFORM_MEMBERS(13, a, b, c, d, e, f, g, h, i, j, k, l, m)
  PLEXIFORM_MEMBERS(14, a, b, c, d, e, f, g, h, i, j, k, l, m, o)
  PLEXIFORM_MEMBERS(15, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p)
  PLEXIFORM_MEMBERS(16, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)
  PLEXIFORM_MEMBERS(17, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r)
  PLEXIFORM_MEMBERS(25, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z)
  PLEXIFORM_MEMBERS(26, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa)
  PLEXIFORM_MEMBERS(27, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb)
  PLEXIFORM_MEMBERS(28, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc)
  PLEXIFORM_MEMBERS(29, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd)
  PLEXIFORM_MEMBERS(30, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee)
  PLEXIFORM_MEMBERS(31, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff)
  PLEXIFORM_MEMBERS(32, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg)
  PLEXIFORM_MEMBERS(33, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg, hh)
  PLEXIFORM_MEMBERS(34, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg, hh, ii)
  PLEXIFORM_MEMBERS(35, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg, hh, ii, jj)
  PLEXIFORM_MEMBERS(36, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg, hh, ii, jj, kk)
  PLEXIFORM_MEMBERS(37, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg, hh, ii, jj, kk, ll)
  PLEXIFORM_MEMBERS(38, a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, s, t, u, v, w, x, y, z, aa, bb, cc, dd, ee,
                    ff, gg, hh, ii, jj, kk, ll, mm)
#undef PLEXIFORM_MEMBERS
}

template <class T>
concept Plain = std::is_aggregate_v<T>;

/// Each value is another one: a mix-up of two members shows too. Doubles are quarters, which single precision holds.
class SetAll {
 public:
  void operator()(bool& value) { value = !value; }
  void operator()(std::string& value) { value = "text " + std::to_string(++last_); }
  template <std::integral T>
  void operator()(T& value) {
    value = static_cast<T>(++last_);
  }
  template <std::floating_point T>
  void operator()(T& value) {
    value = static_cast<T>(++last_) + static_cast<T>(0.25);
  }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(T& value) { value = value == static_cast<T>(0) ? static_cast<T>(1) : static_cast<T>(0); }
  template <class T>
  void operator()(std::optional<T>& value) {
    (*this)(value.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& values) {
    values.assign(2, T{});
    for (T& value : values) (*this)(value);
  }
  template <class A, class B>
  void operator()(std::pair<A, B>& both) {
    (*this)(both.first), (*this)(both.second);
  }
  /// A table of 2 x 2; other shapes by set_array.
  template <class T>
  void operator()(NdArray<T>& array) {
    set_array(array, {2, 2});
  }
  template <Plain T>
  void operator()(T& value) {
    std::apply([this](auto&... each) { ((*this)(each), ...); }, members(value));
  }
  template <class T>
  void set_array(NdArray<T>& array, std::vector<std::int64_t> shape) {
    array = NdArray<T>(std::move(shape));
    for (T& value : array.values) (*this)(value);
  }

 private:
  std::int64_t last_ = 0;
};

/// `where`: the way to a member, by numbers.
template <class T>
void expect_same(const T& found, const T& expected, const std::string& where = "");
template <class T>
void expect_same(const std::vector<T>& found, const std::vector<T>& expected, const std::string& where = "");
template <class T>
void expect_same(const std::optional<T>& found, const std::optional<T>& expected, const std::string& where = "");
template <class A, class B>
void expect_same(const std::pair<A, B>& found, const std::pair<A, B>& expected, const std::string& where = "");
template <class T>
void expect_same(const NdArray<T>& found, const NdArray<T>& expected, const std::string& where = "");

template <class T>
void expect_same(const T& found, const T& expected, const std::string& where) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!(std::isnan(found) && std::isnan(expected)) && found != expected) {
      EXPECT_NEAR(found, expected, 1e-12 * std::abs(expected)) << where;
    }
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string>) {
    EXPECT_EQ(found, expected) << where;
  } else {
    static_assert(Plain<T>);
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      const auto of = members(found), as = members(expected);
      (expect_same(std::get<i>(of), std::get<i>(as), where + "/" + std::to_string(i)), ...);
    }
    (std::make_index_sequence<count_members<T>()>{});
  }
}
template <class T>
void expect_same(const std::vector<T>& found, const std::vector<T>& expected, const std::string& where) {
  ASSERT_EQ(found.size(), expected.size()) << where;
  for (std::size_t i = 0; i < found.size(); ++i)
    expect_same(found[i], expected[i], where + "[" + std::to_string(i) + "]");
}
template <class T>
void expect_same(const std::optional<T>& found, const std::optional<T>& expected, const std::string& where) {
  ASSERT_EQ(found.has_value(), expected.has_value()) << where;
  if (found) expect_same(*found, *expected, where);
}
template <class A, class B>
void expect_same(const std::pair<A, B>& found, const std::pair<A, B>& expected, const std::string& where) {
  expect_same(found.first, expected.first, where + "/first");
  expect_same(found.second, expected.second, where + "/second");
}
template <class T>
void expect_same(const NdArray<T>& found, const NdArray<T>& expected, const std::string& where) {
  EXPECT_EQ(found.shape, expected.shape) << where;
  expect_same(found.values, expected.values, where);
}

}  // namespace plexiform::testing
