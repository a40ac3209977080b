#include "parameters.hpp"

#include <algorithm>
#include <array>

#include "plexiform/settings/settings.hpp"

namespace {

struct Row {
  const char* parameter;  ///< as Error::mended_by names it
  const char* option;
  const char* verb;           ///< that takes it, where the one that was called does not
  const char* example = "";   ///< of a value, where the library gives none
  const char* argument = "";  ///< what a value is, where no example would do
};

/// The one table from the library's parameters to the program's options. A setting of fit needs no row: it is
/// `--set name=value`.
constexpr std::array kRows{
    Row{"by_row", "--by-row", "transfer"},
    Row{"cells", "--cells", "fit", "0,3-7"},
    Row{"contours", "--contours", "import"},
    Row{"folds", "--folds", "flashed"},
    Row{"frame_rate", "--rate", "import"},
    Row{"frame_times", "--frame-times", "import"},
    Row{"frames", "--frames", "simulate"},
    Row{"frames_per_update", "--frames-per-update", "import"},
    Row{"frozen_frames", "--frozen-frames", "import"},
    Row{"frozen_seed", "--frozen-seed", "import"},
    Row{"images", "--images", "import"},
    Row{"lag_offset", "--lag-offset", "import"},
    Row{"mean_light", "--mean-light", "import"},
    Row{"mean_light_unit", "--mean-light-unit", "import"},
    Row{"monitor", "--monitor", "import"},
    Row{"names", "--names", "import"},
    Row{"pixel_um", "--pixel-um", "import"},
    Row{"raw", "--raw", "import"},
    Row{"recording", "--recording", "score", "", "PATH"},
    Row{"refit", "--refit", "transfer"},
    Row{"rescale", "--rescale", "transfer"},
    Row{"resume", "--resume", "fit"},
    Row{"running_frames", "--running-frames", "import"},
    Row{"seeds", "--seeds", "study", "101-103"},
    Row{"shares", "--shares", "transfer", "0.1,1"},
    Row{"spikes", "--spikes", "import"},
    Row{"start", "--start", "import"},
    Row{"test", "--test", "fit", "1/6"},
    Row{"to", "--to", "transfer"},
    Row{"tune", "--tune", "transfer"},
    Row{"window_ms", "--window", "import"},
};

bool takes(const CLI::App& verb, const std::string& option) {
  return verb.get_option_no_throw(option) != nullptr;
}

bool is_setting(const std::string& name) {
  const auto settings = plexiform::setting_list();
  return std::ranges::any_of(settings, [&](const auto& setting) { return setting.name == name; });
}

std::string with_value(const std::string& option, const std::string& value) {
  return value.empty() ? option : option + " " + value;
}

/// `example`: the library's, of a value for this very error.
std::string option_advice(const CLI::App& verb, const Row& row, std::string example) {
  const std::string option = row.option;
  if (example.empty()) example = row.example;
  const std::string given = with_value(option, example.empty() ? row.argument : example);
  if (!takes(verb, option)) return std::string("pass it to plexiform ") + row.verb + ": " + given;
  return "pass " + (example.empty() ? given : option + ", for example " + given);
}

}  // namespace

std::string parameter_advice(const CLI::App& verb, const plexiform::ErrorParameter& parameter) {
  const auto* row = std::ranges::find(kRows, parameter.name, &Row::parameter);
  const bool has_row = row != kRows.end();
  const bool has_option = has_row && takes(verb, row->option);
  // Some verbs take it as an argument without a name: `fit RECORDING -o RUN --resume`.
  if (!has_option && takes(verb, parameter.name))
    return "name the " + parameter.name + " as an argument of plexiform " + verb.get_name();
  if (has_option) return option_advice(verb, *row, parameter.example);
  const std::string set = "--set " + parameter.name + "=" + (parameter.example.empty() ? "VALUE" : parameter.example);
  const bool setting = is_setting(parameter.name);
  if (takes(verb, "--set") && (setting || verb.get_name() == "simulate")) return "pass " + set;
  if (has_row) return option_advice(verb, *row, parameter.example);
  return setting ? "pass it to plexiform fit: " + set : "";
}
