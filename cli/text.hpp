#pragma once
#include <cstddef>
#include <string>
#include <string_view>

/// Text that a terminal may get: control characters, marks that turn the direction of writing, and bytes that are no
/// UTF-8 become '?'.
std::string printable(std::string_view text);

/// The beginning of a printable text, at most `columns` wide. What may take two columns counts as two.
std::string cut(std::string_view text, std::size_t columns);
/// Cut, and filled with spaces up to `columns`: behind the text, or before it.
std::string left_aligned(std::string_view text, std::size_t columns);
std::string right_aligned(std::string_view text, std::size_t columns);

/// A number by a format of printf: "%.1f".
std::string number_text(const char* format, double value);
/// "12 s", "4 min", "3.1 h".
std::string duration_text(double seconds);
/// "5.2 cells/min", "1.2 million frames/s".
std::string rate_text(double per_second, const std::string& units);

/// How far a work is: "fit: 12 of 38 cells, 41 %, 5.2 cells/min, about 4 min left". Without a rate (0) only the share.
std::string progress_text(const std::string& what, double done, double total, double per_second,
                          const std::string& units);

/// A word as a shell takes it, in quotes where it needs them; argv likewise.
std::string shell_word(const std::string& word);
std::string shell_text(int argc, const char* const* argv);
