#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "plexiform/report/packed_impl.hpp"

namespace plexiform {
namespace {

/// RFC 4648, section 4.
std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < there ? bytes[i + k] : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= there ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

bool are_small_counts(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double v) { return v >= 0 && v <= 255 && v == std::floor(v); });
}

}  // namespace

nlohmann::json packed(const NdArray<double>& array) {
  std::vector<std::uint8_t> bytes;
  if (are_small_counts(array.values)) {
    for (const double v : array.values) bytes.push_back(static_cast<std::uint8_t>(v));
    return {{"type", "u8"}, {"shape", array.shape}, {"scale", 1}, {"data", base64(bytes)}};
  }
  constexpr double kMost = 32767;
  constexpr std::int16_t kNone = -32768;
  double most = 0;
  for (const double v : array.values)
    if (std::isfinite(v)) most = std::max(most, std::abs(v));
  const double scale = most > 0 ? most / kMost : 1;
  for (const double v : array.values) {
    const auto number = std::isfinite(v) ? static_cast<std::int16_t>(std::lround(v / scale)) : kNone;
    const auto bits = static_cast<std::uint16_t>(number);
    bytes.push_back(static_cast<std::uint8_t>(bits & 255U));
    bytes.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  return {{"type", "i16"}, {"shape", array.shape}, {"scale", scale}, {"data", base64(bytes)}};
}

}  // namespace plexiform
