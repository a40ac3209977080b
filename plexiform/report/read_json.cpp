#include "plexiform/report/read_json.hpp"

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

nlohmann::json parsed(const std::string& text, const std::filesystem::path& path, const std::string& verb) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& problem) {
    throw Error(ErrorKind::file, path.string() + ": damaged: " + problem.what(), "make it again: plexiform " + verb);
  }
}

}  // namespace

nlohmann::json read_json(const std::filesystem::path& path, const std::string& verb) {
  return parsed(read_text(path), path, verb);
}

std::vector<nlohmann::json> read_json_lines(const std::filesystem::path& path, const std::string& verb) {
  const std::string text = read_text(path);
  std::vector<nlohmann::json> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    if (end > begin) lines.push_back(parsed(text.substr(begin, end - begin), path, verb));
  return lines;
}

}  // namespace plexiform
