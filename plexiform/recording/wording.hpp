#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace plexiform {

/// 35998 -> "35,998", for messages.
std::string grouped(std::int64_t number);
/// "1 frame", "2 frames".
std::string counted(std::int64_t number, const std::string& singular);
/// {120, 36000} -> "[120, 36000]".
std::string shape_text(std::span<const std::int64_t> shape);

}  // namespace plexiform
