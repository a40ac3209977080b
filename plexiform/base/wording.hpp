#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace plexiform {

/// 35998 -> "35,998", for messages.
std::string grouped(std::int64_t number);
/// "1 frame", "2 frames".
std::string counted(std::int64_t number, const std::string& singular);
/// The shortest text that is read back as the same number: 0.1 -> "0.1", 1e300 -> "1e+300", 3 -> "3".
std::string number_text(double value);
/// {120, 36000} -> "[120, 36000]".
std::string shape_text(std::span<const std::int64_t> shape);

}  // namespace plexiform
