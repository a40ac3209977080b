#include "plexiform/base/wording.hpp"

#include <array>
#include <charconv>

namespace plexiform {

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string counted(std::int64_t number, const std::string& singular) {
  return grouped(number) + " " + singular + (number == 1 ? "" : "s");
}

std::string number_text(double value) {
  std::array<char, 32> text;  // the longest, -2.2250738585072014e-308, takes 24
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text;
  for (const std::int64_t n : shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "[" + text + "]";
}

}  // namespace plexiform
