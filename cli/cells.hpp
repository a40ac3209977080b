#pragma once
#include <cstdint>
#include <string>
#include <vector>

/// "0,3-7" as rows; "all" as none. Throws Error{usage} for text that makes no sense.
std::vector<std::int64_t> parse_cells(const std::string& text);
