// The sub-commands, their options and their help are made from the table of formats.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/formats/format.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "program.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;
using plexiform::Format;
using plexiform::FormatOption;
using plexiform::OptionType;
using plexiform::OptionValue;
using plexiform::Recording;

/// What the command line gives of one format.
struct Given {
  std::map<std::string, OptionValue> values;          ///< by parameter
  std::map<std::string, const CLI::Option*> options;  ///< the same
  std::filesystem::path output;
};

/// "lag_offset" -> "--lag-offset".
std::string flag_of(const std::string& parameter) {
  if (parameter == "frame_rate") return "--rate";
  if (parameter == "window_ms") return "--window";
  std::string flag = "--" + parameter;
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string example_of(const Format& format) {
  std::string text = "plexiform import " + format.name;
  for (const auto& option : format.options)
    if (!option.example.empty()) text += " " + flag_of(option.name) + " " + option.example;
  return text + " -o rec.h5";
}

OptionValue empty_value(OptionType type) {
  switch (type) {
    case OptionType::path:
      return std::filesystem::path();
    case OptionType::paths:
      return std::vector<std::filesystem::path>();
    case OptionType::number:
      return 0.0;
    case OptionType::integer:
      return std::int64_t{0};
    case OptionType::text:
      return std::string();
  }
  throw plexiform::InternalError("an option of no type");
}

void add_option(CLI::App& verb, const FormatOption& option, Given& given) {
  const std::string flag = flag_of(option.name);
  if (auto* of_all_verbs = verb.get_option_no_throw(flag)) verb.remove_option(of_all_verbs);
  OptionValue& value = given.values.emplace(option.name, empty_value(option.type)).first->second;
  auto* added = std::visit([&](auto& to) { return verb.add_option(flag, to, option.about); }, value);
  if (option.need == plexiform::Need::required) added->required();
  if (option.values == plexiform::Values::positive) added->check(Program::positive());
  if (!option.choices.empty()) added->check(CLI::IsMember(option.choices));
  given.options[option.name] = added;
}

plexiform::OptionValues values_of(const Given& given) {
  plexiform::OptionValues values;
  for (const auto& [name, value] : given.values)
    if (given.options.at(name)->count() > 0) values.emplace(name, value);
  return values;
}

void say(const Recording& recording, const std::filesystem::path& output, const Caller& caller) {
  const bool flashed = recording.kind == plexiform::RecordingKind::flashed;
  const nlohmann::json short_form = {
      {"recording", output.string()}, {"cells", recording.cells()}, {"frames", recording.bins()}};
  if (caller.common.json)
    std::printf("%s\n", short_form.dump().c_str());
  else if (!caller.common.quiet)
    std::fprintf(stderr, "%s: %s cells, %s frames with counts; %s\n  plexiform %s %s%s\n", output.c_str(),
                 std::to_string(recording.cells()).c_str(), std::to_string(recording.bins()).c_str(),
                 recording.source.c_str(), flashed ? "flashed" : "info --check", output.c_str(),
                 flashed ? " -o DIR compares models on them" : " looks for mistakes");
}

void add_format(Program& program, CLI::App& import, const Format& format) {
  auto* verb = program.add_verb(import, format.name, format.about, example_of(format));
  auto given = std::make_shared<Given>();
  for (const auto& option : format.options) add_option(*verb, option, *given);
  verb->add_option("-o,--output", given->output, "recording to write")->required();
  verb->callback([&program, &format, given] {
    program.action = [&program, &format, given](const Caller& caller) {
      program.interrupts->end_at_once(given->output);
      const Recording recording = format.read(values_of(*given));
      plexiform::write_recording(given->output, recording);
      say(recording, given->output, caller);
      return 0;
    };
  });
}

/// What `import` does without a format.
struct ListOptions {
  bool list = false;
  std::filesystem::path of;
};

int list(const ListOptions& options, const Caller& caller) {
  if (!options.list && options.of.empty())
    throw Error(ErrorKind::usage, "import takes a format", "plexiform import --list names them");
  auto listed = nlohmann::json::array();
  for (const Format& format : plexiform::formats()) {
    if (!options.of.empty() && !format.recognises(options.of)) continue;
    listed.push_back({{"name", format.name}, {"description", format.about}});
    if (!caller.common.json) std::printf("%-8s %s\n", format.name.c_str(), format.about.c_str());
  }
  if (caller.common.json) std::printf("%s\n", nlohmann::json({{"formats", listed}}).dump().c_str());
  return 0;
}

}  // namespace

void add_import(Program& program) {
  auto* verb = program.add_verb(program.app, "import", "turn foreign data into a recording",
                                example_of(plexiform::formats().front()));
  verb->require_subcommand(0, 1);
  auto options = std::make_shared<ListOptions>();
  verb->add_flag("--list", options->list, "name the formats");
  verb->add_option("--list-for", options->of, "name the formats of which this file of spikes or counts may be");
  // Before the formats' own callbacks, which CLI11 runs later.
  verb->preparse_callback([&program, options](std::size_t) {
    program.action = [options](const Caller& caller) { return list(*options, caller); };
  });
  for (const Format& format : plexiform::formats()) add_format(program, *verb, format);
}
