#include "plexiform/reveal/kept_cell.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {

using nlohmann::json;

// Every field, by the name it has in C++; numbers come back to the bit.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Place, x, y)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Axes, major, minor, angle)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Interval, low, high)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Gain, nats, error)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NdArray<float>, shape, values)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TruthMatch, index, correlation)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SizePoint, subunits, bits, behind)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TriedNetwork, form, validation_loss, kept)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Tried, change, subunits, gain, taken)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ValidationBits, network, subunits)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StructureTest, verdict, p_value, null, statistic, effect_bits, effect_error,
                                   visible_bits)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartCertainty, x, y, major, minor, weight, z, match, returned, stretch, confidence)

namespace {

template <class T>
void put(json& j, const char* name, const std::optional<T>& value) {
  if (value) j[name] = *value;
}

template <class T>
void get(const json& j, const char* name, std::optional<T>& value) {
  if (j.contains(name)) value = j.at(name).get<T>();
}

constexpr std::size_t kHashDigits = 16;

/// The payload behind the hash of its bytes, so that damage shows.
std::string checked(std::string_view payload) {
  char digits[kHashDigits + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash_bytes(payload)));
  return digits + std::string(payload);
}

std::filesystem::path kept_in(const std::filesystem::path& folder) {
  return folder / "revealed";
}

std::filesystem::path file_of(const std::filesystem::path& folder) {
  return kept_in(folder) / "cell.msgpack";
}

}  // namespace

void to_json(json& j, const Subunit& s) {
  j = {{"spatial", s.spatial}, {"temporal", s.temporal}, {"weight", s.weight}, {"place", s.place}, {"size", s.size}};
  put(j, "certainty", s.certainty);
}

void from_json(const json& j, Subunit& s) {
  j.at("spatial").get_to(s.spatial);
  j.at("temporal").get_to(s.temporal);
  j.at("weight").get_to(s.weight);
  j.at("place").get_to(s.place);
  j.at("size").get_to(s.size);
  get(j, "certainty", s.certainty);
}

// All but the minimal network, which has a file of its own.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CellSubunits, cell, name, error, remark, seconds, subunits, resampled_numbers,
                                   map_number, minimal_number, nonlinearity, spikes, dispersion, own_shapes, networks,
                                   tried, curve, morans_i, linear, truth, true_places, true_spatial)

void keep_revealed(const std::filesystem::path& folder, const CellSubunits& cell, const std::string& key) {
  forget_revealed(folder);
  json j = {{"key", key}, {"cell", cell}};
  put(j, "structure", cell.structure);
  put(j, "number", cell.number);
  put(j, "validation_bits", cell.validation_bits);
  put(j, "mean_match", cell.mean_match);
  std::error_code problem;
  std::filesystem::create_directories(kept_in(folder), problem);
  if (problem) throw Error(ErrorKind::file, kept_in(folder).string() + ": cannot be made: " + problem.message());
  if (cell.minimal) {
    save_networks(kept_in(folder), *cell.minimal);
    j["minimal"] = checksum(kept_in(folder) / "model.pt");
  }
  // Last, so that where it is the network is too.
  const auto bytes = json::to_msgpack(j);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  write_text_atomically(file_of(folder), checked(text));
}

std::optional<CellSubunits> kept_revealed(const std::filesystem::path& folder, const std::string& key) {
  if (!std::filesystem::exists(file_of(folder))) return std::nullopt;
  try {
    const std::string text = read_text(file_of(folder));
    const std::string payload = text.substr(std::min(text.size(), kHashDigits));
    if (checked(payload) != text) return std::nullopt;
    const json j = json::from_msgpack(payload);
    if (j.at("key") != key) return std::nullopt;
    auto cell = j.at("cell").get<CellSubunits>();
    get(j, "structure", cell.structure);
    get(j, "number", cell.number);
    get(j, "validation_bits", cell.validation_bits);
    get(j, "mean_match", cell.mean_match);
    if (j.contains("minimal")) {
      if (j.at("minimal") != checksum(kept_in(folder) / "model.pt")) return std::nullopt;
      cell.minimal = load_cell_fit(kept_in(folder), cell.cell);
    }
    return cell;
  } catch (const Error&) {
  } catch (const json::exception&) {
  }
  return std::nullopt;  // damaged: it is revealed anew
}

void forget_revealed(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(kept_in(folder), ignored);
}

}  // namespace plexiform
