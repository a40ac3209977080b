#include "plexiform/formats/spike_times.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace {

struct Line {
  std::size_t number;  ///< in the file, from 1
  std::string_view text;
};

/// Lines but comments (#); none where all are empty. Empty lines are kept, also at the end: they may be silent cells.
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  bool any = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#')) continue;
    lines.push_back({number, line});
    any = any || line.find_first_not_of(" \t,;") != std::string_view::npos;
  }
  if (!any) lines.clear();
  return lines;
}

/// Words apart by blanks, tabs, commas or semicolons.
std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kApart = " \t,;";
  std::vector<std::string_view> words;
  for (std::size_t begin = line.find_first_not_of(kApart); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kApart, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kApart, end);
  }
  return words;
}

std::optional<double> number(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size()) return {};
  return value;
}

std::string name_of(const Line& line) {
  return "line " + std::to_string(line.number);
}

double number_at(const std::filesystem::path& path, const Line& line, std::string_view word) {
  const std::optional<double> value = number(word);
  if (!value)
    throw Error(ErrorKind::data,
                name_of(line) + " holds '" + std::string(word.substr(0, 40)) + "', expected a time in seconds")
        .in_object(name_of(line))
        .in_file(path);
  return *value;
}

/// `object` of the file, or all of it where it is empty, holds the times, each called `what`.
void check_ascending(const std::filesystem::path& path, const std::string& object, const std::string& what,
                     const std::vector<double>& times, bool strictly) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto refuse = [&](const std::string& why) {
      throw Error(ErrorKind::data, object + (object.empty() ? "" : ", ") + what + " " + std::to_string(i) + why)
          .in_object(object)
          .in_file(path);
    };
    if (!std::isfinite(times[i])) refuse(" is not finite, expected a time in seconds");
    if (i == 0 || times[i] > times[i - 1] || (!strictly && times[i] == times[i - 1])) continue;
    refuse(" is at " + std::to_string(times[i]) + " s, the one before it at " + std::to_string(times[i - 1]) +
           " s, expected ascending times");
  }
}

std::vector<double> numbers_of_npy(const std::filesystem::path& path) {
  const NdArray<double> array = read_npy(path);
  const std::int64_t longest = array.shape.empty() ? 1 : *std::max_element(array.shape.begin(), array.shape.end());
  if (static_cast<std::int64_t>(array.values.size()) != longest && !array.values.empty())
    throw Error(ErrorKind::data, "has shape " + shape_text(array.shape) + ", expected one axis of times").in_file(path);
  return array.values;
}

bool is_npy(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".npy") || name.ends_with(".npy.gz");
}

SpikeTimes from_folder(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : files_in(path))
    if (is_npy(file)) files.push_back(file);
  if (files.empty())
    throw Error(ErrorKind::missing, "holds no .npy file, expected one of spike times a cell").in_file(path);
  SpikeTimes times;
  for (const auto& file : files) {
    times.cells.push_back(numbers_of_npy(file));
    check_ascending(file, "", "spike", times.cells.back(), false);
    times.names.push_back(file.filename().string().substr(0, file.filename().string().find(".npy")));
  }
  return times;
}

std::string lower(std::string_view word) {
  std::string text(word);
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_word(std::string_view word, const std::string& known) {
  return lower(word).starts_with(known);
}

/// Rows "cell time" under a header line that names the columns.
SpikeTimes from_columns(const std::filesystem::path& path, const std::vector<Line>& lines, bool cell_first) {
  struct Row {
    std::string cell;
    double time;
  };
  std::vector<Row> table;
  std::vector<std::string> cells;
  bool all_numbers = true;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string_view> words = words_of(lines[i].text);
    if (words.empty()) continue;
    if (words.size() != 2)
      throw Error(ErrorKind::data, name_of(lines[i]) + " has " + counted(std::ssize(words), "column") +
                                       ", expected two as in the header line")
          .in_object(name_of(lines[i]))
          .in_file(path);
    const std::string_view cell = words[cell_first ? 0 : 1];
    table.push_back({std::string(cell), number_at(path, lines[i], words[cell_first ? 1 : 0])});
    if (std::find(cells.begin(), cells.end(), table.back().cell) == cells.end()) {
      cells.push_back(table.back().cell);
      all_numbers = all_numbers && number(cell).has_value();
    }
  }
  if (all_numbers)
    std::sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return *number(a) < *number(b); });
  SpikeTimes times;
  times.cells.resize(cells.size());
  bool are_rows = true;
  for (const Row& row : table)
    times.cells[static_cast<std::size_t>(std::find(cells.begin(), cells.end(), row.cell) - cells.begin())].push_back(
        row.time);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    check_ascending(path, "cell " + cells[i], "spike", times.cells[i], false);
    times.names.push_back(all_numbers ? "cell " + cells[i] : cells[i]);
    are_rows = are_rows && cells[i] == std::to_string(i);
  }
  if (are_rows) times.names.clear();  // "cell 0", "cell 1", ... are rows, no names that somebody gave
  return times;
}

}  // namespace

SpikeTimes read_spike_times(const std::filesystem::path& path) {
  if (is_folder(path)) return from_folder(path);
  if (is_npy(path))
    throw Error(ErrorKind::damaged, "is one .npy file, expected a folder of them, one a cell").in_file(path);
  const std::string text = read_utf8(path);
  const std::vector<Line> lines = lines_of(text);
  if (lines.empty()) throw Error(ErrorKind::data, "is empty, expected spike times").in_file(path);
  const std::vector<std::string_view> header = words_of(lines[0].text);
  if (header.size() == 2 && !number(header[0]) && !number(header[1])) {
    const auto is_cell = [](std::string_view w) {
      return is_word(w, "cell") || is_word(w, "unit") || is_word(w, "neuron");
    };
    const auto is_time = [](std::string_view w) { return is_word(w, "time") || is_word(w, "spike"); };
    const bool cell_first = is_cell(header[0]) && is_time(header[1]);
    if (!cell_first && !(is_time(header[0]) && is_cell(header[1])))
      throw Error(ErrorKind::data,
                  "the header is '" + std::string(lines[0].text) + "', expected the columns 'cell' and 'time'")
          .in_object(name_of(lines[0]))
          .in_file(path);
    return from_columns(path, lines, cell_first);
  }
  SpikeTimes times;
  for (const Line& line : lines) {
    std::vector<double> cell;
    for (const std::string_view word : words_of(line.text)) cell.push_back(number_at(path, line, word));
    check_ascending(path, name_of(line), "spike", cell, false);
    times.cells.push_back(std::move(cell));
  }
  return times;
}

std::vector<double> read_frame_times(const std::filesystem::path& path) {
  std::vector<double> times;
  if (is_npy(path)) {
    times = numbers_of_npy(path);
  } else {
    const std::string text = read_utf8(path);
    for (const Line& line : lines_of(text))
      for (const std::string_view word : words_of(line.text)) times.push_back(number_at(path, line, word));
  }
  if (times.size() < 2)
    throw Error(ErrorKind::data, "has " + counted(std::ssize(times), "frame time") + ", expected two or more")
        .in_file(path);
  check_ascending(path, "", "frame time", times, true);
  return times;
}

}  // namespace plexiform
