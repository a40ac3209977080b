#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "plexiform/form/model_settings.hpp"

namespace plexiform {

struct SettingInfo {
  std::string name;
  std::string meaning;
  std::string default_value;  ///< as TOML
};
std::vector<SettingInfo> setting_list();

/// Sets one value from text ("filters", "4"). Throws Error{usage}: unknown setting (with the nearest known name), a
/// value of the wrong type or out of range (found, expected).
void set_value(Settings& settings, const std::string& name, const std::string& value);
/// The same from one text, "name=value".
void set_assignment(Settings& settings, const std::string& assignment);

/// A setting that has another name since a version of config.toml.
struct RenamedSetting {
  const char* before;
  const char* now;
};
/// Files of older versions have the names before.
std::span<const RenamedSetting> renamed_settings();

/// The version of config.toml that this library writes, and the newest that it reads.
inline constexpr int kSettingsVersion = 2;

/// A TOML file of flat keys; `preset` first chooses what the others change; what else a run's config.toml has (the
/// table [run], `format`, `version`) is passed over. Throws Error{missing}, Error{damaged} (not
/// TOML; of a newer version) or Error{usage} as set_value; the line is the error's object.
Settings read_settings(const std::filesystem::path& path, const Settings& base);
/// The same from text; `source` names it in errors, as a file does.
Settings parse_settings(const std::string& toml, const std::string& source, const Settings& base,
                        std::span<const RenamedSetting> renamed = renamed_settings());
/// All keys, so that reading it back gives the same settings.
std::string to_toml(const Settings& settings);

}  // namespace plexiform
