#include "plexiform/report/read_json.hpp"

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

bool has_type(const json& value, json::value_t type) {
  if (type == json::value_t::number_float) return value.is_number() || value.is_null();
  if (type == json::value_t::number_integer) return value.is_number_integer();
  return value.type() == type;
}

}  // namespace

json read_json(const std::filesystem::path& path, const std::string& verb) {
  try {
    return json::parse(read_text(path));
  } catch (const json::exception& problem) {
    throw Error(ErrorKind::file, path.string() + ": damaged: " + problem.what(), "make it again: plexiform " + verb);
  }
}

void require_keys(const json& object, std::initializer_list<RequiredKey> keys, const std::filesystem::path& path,
                  const std::string& verb) {
  for (const RequiredKey& key : keys) {
    const bool there = object.is_object() && object.contains(key.name);
    if (there && has_type(object[key.name], key.type)) continue;
    throw Error(ErrorKind::file,
                path.string() + ": '" + key.name + "' is " + (there ? object[key.name].type_name() : "missing") +
                    ", expected " + json(key.type).type_name(),
                "the file is damaged or of another version; make it again: plexiform " + verb);
  }
}

}  // namespace plexiform
