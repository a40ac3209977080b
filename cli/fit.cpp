#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/run.hpp"
#include "program.hpp"
#include "torch_verbs.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

struct FitArguments {
  FitOptions options;
  std::string model = "cnn";
  std::filesystem::path config;
  std::vector<std::string> assignments;
  bool list_settings = false;
};

std::string preset_of_model(const std::string& model) {
  return model == "cnn" ? "default" : model;
}

int list_settings(const Caller& caller) {
  if (caller.common.json) {
    auto list = nlohmann::json::array();
    for (const auto& setting : plexiform::setting_list())
      list.push_back({{"name", setting.name},
                      {"default", nlohmann::json::parse(setting.default_value)},
                      {"meaning", setting.meaning}});
    std::printf("%s\n", nlohmann::json({{"settings", list}}).dump().c_str());
    return 0;
  }
  const auto defaults = plexiform::Settings();
  std::printf("%s\n", plexiform::to_toml(defaults).c_str());
  for (const auto& setting : plexiform::setting_list())
    std::printf("%-16s %s\n", setting.name.c_str(), setting.meaning.c_str());
  return 0;
}

/// What can be refused is refused here, before torch is loaded.
int fit(FitArguments arguments, bool settings_given, const Caller& caller) {
  if (arguments.list_settings) return list_settings(caller);
  FitOptions& options = arguments.options;
  if (options.run.empty() || (options.recording.empty() && !options.resume))
    throw Error(ErrorKind::usage, "fit takes a recording and -o RUN", "plexiform fit --help shows examples");
  options.test_block = parse_test_block(options.test);
  options.settings = plexiform::preset_settings(preset_of_model(arguments.model));
  if (!arguments.config.empty()) options.settings = plexiform::read_settings(arguments.config, options.settings);
  for (const auto& assignment : arguments.assignments) plexiform::set_assignment(options.settings, assignment);
  plexiform::check_settings(options.settings);
  if (options.resume &&
      (settings_given || options.cells || !options.test.empty() || caller.common.seed || caller.common.threads > 0))
    throw Error(ErrorKind::usage, "--resume continues with the run's own settings, cells, test block, seed and threads",
                "omit --model, --config, --set, --cells, --test, --seed and --threads");
  if (!options.resume) plexiform::require_new_run(options.run);
  if (!options.recording.empty() && !plexiform::path_exists(options.recording))
    throw Error(ErrorKind::missing, "no such file").in_file(options.recording);
  return torch_verbs().fit(options, caller);
}

}  // namespace

void add_fit(Program& program) {
  auto arguments = std::make_shared<FitArguments>();
  auto* verb = program.add_verb(program.app, "fit", "fit a network, and an LN model beside it, to cells of a recording",
                                "plexiform fit rec.h5 -o run --cells 0,3-7\n  plexiform fit rec.h5 -o run --resume");
  verb->add_option("recording", arguments->options.recording, "recording (.h5); with --resume only if it moved");
  verb->add_option("-o,--output", arguments->options.run, "run directory to make");
  verb->add_option("--cells", arguments->options.cells, "which cells: 0,3-7 or all (default)");
  verb->add_option(
      "--test", arguments->options.test,
      "none, frames of the test block at the end (default: the last sixth), or a part: 3/6 is the third sixth");
  auto* model = verb->add_option("--model", arguments->model, "cnn (default), ln, or yan2020: the paper's network")
                    ->check(CLI::IsMember({"cnn", "ln", "yan2020"}));
  auto* config = verb->add_option("--config", arguments->config, "TOML file of settings");
  auto* set = verb->add_option("--set", arguments->assignments, "name=value, a setting (--settings lists them)");
  verb->add_flag("--resume", arguments->options.resume, "continue an interrupted run");
  program.add_verbose(*verb, "cell");
  verb->add_flag("--settings", arguments->list_settings, "list the settings with their defaults");
  verb->callback([&program, arguments, model, config, set] {
    const bool given = model->count() + config->count() + set->count() > 0;
    program.action = [arguments, given](const Caller& caller) { return fit(*arguments, given, caller); };
  });
}
