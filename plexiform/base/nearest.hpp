#pragma once
#include <optional>
#include <span>
#include <string>

namespace plexiform {

/// The known name that is nearest to `word`, for "did you mean" messages; none if nothing is near: more than one
/// edit (insertion, deletion, exchange, swap of neighbours) for every three letters, and one more. Distance: optimal
/// string alignment (Damerau 1964, CACM 7:171). Of equally near names the first.
std::optional<std::string> nearest(const std::string& word, std::span<const std::string> known);

}  // namespace plexiform
