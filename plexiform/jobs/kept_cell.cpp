#include "plexiform/jobs/kept_cell.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/jobs/reveal_fields_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {

using nlohmann::json;

namespace {

constexpr std::size_t kHashDigits = 16;

/// The payload behind the hash of its bytes, so that damage shows.
std::string checked(std::string_view payload) {
  char digits[kHashDigits + 1];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash_bytes(payload)));
  return digits + std::string(payload);
}

std::filesystem::path kept_in(const std::filesystem::path& folder) {
  return layout::kept(folder);
}

std::filesystem::path file_of(const std::filesystem::path& folder) {
  return layout::kept_cell(folder);
}

}  // namespace

std::string reveal_key(const std::filesystem::path& folder, const RevealFitSettings& settings, std::uint64_t seed) {
  constexpr int kVersion = 3;  // of the method: what an older one kept is not mixed with what a newer one finds
  const json key = {kVersion,
                    checksum(layout::model_in(folder)),
                    checksum(layout::config(folder.parent_path())),
                    is_done(folder),
                    seed,
                    settings};
  return key.dump();
}

void keep_revealed(const std::filesystem::path& folder, const RevealedFit& revealed, const std::string& key) {
  forget_revealed(folder);
  json j = {{"key", key}, {"cell", revealed.subunits}};
  make_folders(kept_in(folder));
  if (revealed.minimal) {
    write_model(layout::model_in(kept_in(folder)), *revealed.minimal);
    j["minimal"] = checksum(layout::model_in(kept_in(folder)));
  }
  // Last, so that where it is the network is too.
  const auto bytes = json::to_msgpack(j);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  write_text_atomically(file_of(folder), checked(text));
}

std::optional<RevealedFit> kept_revealed(const std::filesystem::path& folder, const std::string& key) {
  if (!path_exists(file_of(folder))) return std::nullopt;
  try {
    const std::string text = read_text(file_of(folder));
    const std::string payload = text.substr(std::min(text.size(), kHashDigits));
    if (checked(payload) != text) return std::nullopt;
    const json j = json::from_msgpack(payload);
    if (j.at("key") != key) return std::nullopt;
    RevealedFit revealed{j.at("cell").get<CellSubunits>(), {}};
    if (j.contains("minimal")) {
      if (j.at("minimal") != checksum(layout::model_in(kept_in(folder)))) return std::nullopt;
      revealed.minimal = read_model(layout::model_in(kept_in(folder)), revealed.subunits.cell);
    }
    return revealed;
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
