#include <sstream>
#include <string>

#include "plexiform/base/file.hpp"
#include "plexiform/progress/json_lines_impl.hpp"

namespace plexiform {

std::vector<nlohmann::ordered_json> read_json_lines(const std::filesystem::path& path) {
  std::vector<nlohmann::ordered_json> lines;
  if (!path_exists(path)) return lines;
  std::istringstream text(read_text(path));
  for (std::string line; std::getline(text, line);)
    if (auto object = nlohmann::ordered_json::parse(line, nullptr, false); object.is_object())
      lines.push_back(std::move(object));
  return lines;
}

}  // namespace plexiform
