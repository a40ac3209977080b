#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"

namespace plexiform {
namespace {

using nlohmann::json;

constexpr const char* kChecksums = "checksums";

FoundVersion found_in(const json& object) {
  FoundVersion found;
  const auto format = object.find("format"), version = object.find("version");
  if (format != object.end()) found.format = format->is_string() ? format->get<std::string>() : format->dump();
  if (version != object.end()) found.version = version->is_number() ? version->get<double>() : -1;
  return found;
}

std::string model_of(std::int64_t cell) {
  return "model of cell " + std::to_string(cell);
}

void check(const json& object, const ArtefactKind& kind, const Home& home) {
  if (object.is_array() && kind.was_list && home.age == Age::any) return;
  if (!object.is_object())
    throw Error(ErrorKind::damaged, std::string("found a JSON ") + object.type_name() + ", expected an object",
                kind.made_by);
  const int version = check_version(kind, found_in(object), home.age);
  if (version >= kind.sums_since) required(object, kChecksums, "an object");
  const Origin origin = origin_in(object);
  check_origin(kind, version, "recording", origin.recording, home.origin.recording);
  for (const auto& [cell, sum] : origin.models)
    if (const auto other = home.origin.models.find(cell); other != home.origin.models.end())
      check_origin(kind, version, model_of(cell), sum, other->second);
}

}  // namespace

json origin_json(const Origin& origin) {
  json object = json::object();
  if (!origin.recording.empty()) object["recording"] = origin.recording;
  if (!origin.models.empty()) object["models"] = json::object();
  for (const auto& [cell, sum] : origin.models) object["models"][std::to_string(cell)] = sum;
  return object;
}

Origin origin_from(const json& object) {
  Origin origin;
  if (object.contains("recording")) value_from(object.at("recording"), "recording", origin.recording);
  if (!object.contains("models")) return origin;
  for (const auto& [cell, sum] : object.at("models").items()) {
    std::string text;
    value_from(sum, "models", text);
    try {
      origin.models[std::stoll(cell)] = text;
    } catch (const std::exception&) {
      refuse_field("models", "a cell '" + cell + "'", "a row of the recording");
    }
  }
  return origin;
}

Origin origin_in(const json& file) {
  const auto sums = file.find(kChecksums);
  return sums == file.end() || !sums->is_object() ? Origin{} : origin_from(*sums);
}

void check_cell(const json& file, const ArtefactKind& kind, const Home& home, std::int64_t cell) {
  const auto expected = home.origin.models.find(cell);
  if (expected == home.origin.models.end() || !file.is_object()) return;
  const Origin origin = origin_in(file);
  const auto found = origin.models.find(cell);
  check_origin(kind, check_version(kind, found_in(file), home.age), model_of(cell),
               found == origin.models.end() ? "" : found->second, expected->second);
}

void check_origins(const json& file, const ArtefactKind& kind, const std::vector<Home>& homes) {
  const int version = check_version(kind, found_in(file), Age::any);
  if (version < kind.sums_since || homes.empty()) return;
  const json& sums = required(file, kChecksums, "a list");
  if (!sums.is_array() || sums.size() != homes.size())
    refuse_field(kChecksums, "of " + std::to_string(sums.size()) + " recordings", std::to_string(homes.size()));
  for (std::size_t i = 0; i < homes.size(); ++i)
    check_origin(kind, version, "recording", origin_from(sums[i]).recording, homes[i].origin.recording);
}

json with_head(json object, const ArtefactKind& kind, const Origin& origin) {
  object["format"] = kind.format;
  object["version"] = kind.version;
  object[kChecksums] = origin_json(origin);
  return object;
}

json with_head(json object, const ArtefactKind& kind, const std::vector<Origin>& origins) {
  object = with_head(std::move(object), kind, Origin{});
  object[kChecksums] = json::array();
  for (const Origin& origin : origins) object[kChecksums].push_back(origin_json(origin));
  return object;
}

std::string file_text(const json& object, int indent) {
  return object.dump(indent, ' ', false, json::error_handler_t::replace) + "\n";
}

void read_json_file(const std::filesystem::path& path, const ArtefactKind& kind, const Home& home,
                    const std::function<void(const json&)>& take) {
  try {
    if (!is_file(path)) throw Error(ErrorKind::missing, "no such file", kind.made_by);
    const json object = json::parse(read_text(path));
    check(object, kind, home);
    take(object);
  } catch (const json::exception& problem) {
    throw Error(ErrorKind::damaged, std::string("damaged: ") + problem.what(), kind.made_by).in_file(path);
  } catch (const Error& error) {
    throw error.place().file.empty() ? error.in_file(path) : error;
  }
}

}  // namespace plexiform
