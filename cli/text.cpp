#include "text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <filesystem>

namespace {

/// A character of UTF-8: its bytes, and its number; one byte and 0 where the bytes are no UTF-8.
struct Character {
  std::size_t bytes = 1;
  char32_t number = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  char32_t number = lead & (0x7F >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    number = number << 6 | (byte(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = number >= 0xD800 && number < 0xE000;
  return number < kLeast[bytes] || number > 0x10FFFF || surrogate ? Character{} : Character{bytes, number};
}

bool is_shown(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool direction = c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return !control && !direction;
}

std::size_t columns_of(char32_t c) {
  return c >= 0x1100 ? 2 : 1;
}

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character c = first_character(text);
    columns += columns_of(c.number);
    text.remove_prefix(c.bytes);
  }
  return columns;
}

/// Two digits where there are no more before the point.
std::string count_text(double value) {
  if (value >= 1e6) return number_text("%.1f million", value / 1e6);
  return number_text(value < 9.95 ? "%.1f" : "%.0f", value);
}

}  // namespace

std::string number_text(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (is_shown(c.number))
      shown += text.substr(0, c.bytes);
    else
      shown += '?';
    text.remove_prefix(c.bytes);
  }
  return shown;
}

std::string cut(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0, used = 0;
  while (bytes < text.size()) {
    const Character c = first_character(text.substr(bytes));
    used += columns_of(c.number);
    if (used > columns) break;
    bytes += c.bytes;
  }
  return std::string(text.substr(0, bytes));
}

std::string left_aligned(std::string_view text, std::size_t columns) {
  const std::string part = cut(text, columns);
  return part + std::string(columns - width(part), ' ');
}

std::string right_aligned(std::string_view text, std::size_t columns) {
  const std::string part = cut(text, columns);
  return std::string(columns - width(part), ' ') + part;
}

std::string duration_text(double seconds) {
  if (seconds < 90) return number_text("%.0f s", seconds);
  if (seconds < 90 * 60) return number_text("%.0f min", seconds / 60);
  return number_text("%.1f h", seconds / 3600);
}

std::string rate_text(double per_second, const std::string& units) {
  if (per_second >= 1) return count_text(per_second) + " " + units + "/s";
  if (per_second * 60 >= 1) return count_text(per_second * 60) + " " + units + "/min";
  return count_text(per_second * 3600) + " " + units + "/h";
}

std::string progress_text(const std::string& what, double done, double total, double per_second,
                          const std::string& units) {
  if (total <= 0) return what;
  const std::string share = what + ", " + number_text("%.0f %%", 100 * std::min(done / total, 1.0));
  if (per_second <= 0) return share;
  return share + ", " + rate_text(per_second, units) + ", about " +
         duration_text(std::max(total - done, 0.0) / per_second) + " left";
}

std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./,:=+%@").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string shell_text(int argc, const char* const* argv) {
  std::string text = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string();
  for (int i = 1; i < argc; ++i) text += " " + shell_word(argv[i]);
  return text;
}
