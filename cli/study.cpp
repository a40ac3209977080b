#include <charconv>
#include <memory>
#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/cell/presets.hpp"
#include "program.hpp"
#include "torch_verbs.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

struct StudyArguments {
  StudyOptions options;
  std::string seeds = "101-103", values, model = "cnn";
  std::vector<std::string> assignments;
};

template <class T>
T number(const std::string& text, const std::string& option, const std::string& word, const char* expected) {
  T value = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (problem != std::errc{} || end != word.data() + word.size() || word.empty())
    throw Error(ErrorKind::usage, option + " is '" + text + "': found '" + word + "', expected " + expected);
  return value;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) words.push_back(word);
  if (text.empty() || text.ends_with(',')) words.emplace_back();
  return words;
}

/// "101-103,110".
std::vector<std::uint64_t> parse_seeds(const std::string& text) {
  constexpr std::uint64_t kMost = 1000;
  const auto one = [&](const std::string& word) {
    return number<std::uint64_t>(text, "--seeds", word, "whole numbers as in 101-103,110");
  };
  std::vector<std::uint64_t> seeds;
  for (const auto& word : split(text)) {
    const auto dash = word.find('-');
    const std::uint64_t first = one(word.substr(0, dash)),
                        last = dash == word.npos ? first : one(word.substr(dash + 1));
    if (last < first || last - first >= kMost)
      throw Error(ErrorKind::usage, "--seeds is '" + text + "': found '" + word + "', expected 1 to " +
                                        std::to_string(kMost) + " seeds, the smaller one first");
    for (std::uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
  }
  return seeds;
}

/// Whether `what` is a recording rather than a preset, and whether the other options fit it.
bool is_recording(const StudyOptions& options) {
  const std::string& what = options.what;
  if (plexiform::path_exists(what) || what.ends_with(".h5")) {
    if (!plexiform::path_exists(what)) throw Error(ErrorKind::missing, "no such file").in_file(what);
    if (options.frames)
      throw Error(ErrorKind::usage, "--frames is for model cells, and " + what + " is a recording",
                  "omit it; study data takes shares of the recording's frames");
    return true;
  }
  plexiform::CellRecipe recipe;
  plexiform::set_recipe_value(recipe, "preset", what);
  if (options.cells != "all")
    throw Error(ErrorKind::usage, "--cells is for recordings, and a model has one cell", "omit it");
  return false;
}

/// What can be refused is refused here, before torch is loaded.
int study(const StudyArguments& arguments, const Caller& caller) {
  StudyOptions options = arguments.options;
  if (caller.common.seed)
    throw Error(ErrorKind::usage, "study takes --seeds, one fit for each", "plexiform study --help shows an example");
  options.recorded = is_recording(options);
  options.seeds = parse_seeds(arguments.seeds);
  if (!arguments.values.empty())
    for (const auto& word : split(arguments.values))
      options.values.push_back(number<double>(arguments.values, "--values", word, "numbers as in 1,2,4"));
  options.settings = plexiform::preset_settings(arguments.model == "cnn" ? "default" : arguments.model);
  for (const auto& assignment : arguments.assignments) plexiform::set_assignment(options.settings, assignment);
  if (!options.resume && plexiform::path_exists(options.folder))
    throw Error(ErrorKind::usage, "exists already; a study is never overwritten",
                "continue it with --resume, or choose another name")
        .in_file(options.folder);
  return torch_verbs().study(options, caller);
}

}  // namespace

void add_study(Program& program) {
  auto arguments = std::make_shared<StudyArguments>();
  auto& options = arguments->options;
  auto* verb = program.add_verb(program.app, "study",
                                "performance and recovery against filters, filter size, data, noise or threshold",
                                "plexiform study data mosaic5 -o data --values 0.1,0.3,1 --seeds 101-105\n  plexiform "
                                "study filters rec.h5 -o filters --cells 0-3");
  verb->add_option("kind", options.kind,
                   "filters: their number; size: their side, pixels; data: share of the frames that train and "
                   "validate; noise: standard deviation of noise added to the network's subunits while training; "
                   "threshold: of the model cell, in units of its mean drive")
      ->required()
      ->check(CLI::IsMember({"filters", "size", "data", "noise", "threshold"}));
  verb->add_option("what", options.what, "preset of model cells (simulate --list), or a recording (.h5)")->required();
  verb->add_option("-o,--output", options.folder, "folder to make: study.json, and all runs")->required();
  verb->add_option("--seeds", arguments->seeds, "of cell and fit, or of the fits of a recording (default 101-103)");
  verb->add_option("--values", arguments->values, "a,b,c (default: four usual ones)");
  verb->add_option("--frames", options.frames, "frames of a model cell (default: the preset's)");
  verb->add_option("--cells", options.cells, "which cells of a recording: 0,3-7 or all (default)");
  verb->add_option("--model", arguments->model, "cnn (default) or yan2020: the paper's network")
      ->check(CLI::IsMember({"cnn", "yan2020"}));
  verb->add_option("--set", arguments->assignments, "key=value, a setting of the fits");
  verb->add_flag("--resume", options.resume, "continue an interrupted study with the same arguments");
  program.add_verbose(*verb, "value, seed and cell");
  verb->callback([&program, arguments] {
    program.action = [arguments](const Caller& caller) { return study(*arguments, caller); };
  });
}
