#include "program.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"

namespace {

template <class T>
bool parsed(const std::string& text, T& value) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size();
}

/// Refuses what is not a whole number of this range (CLI11 itself would clip it).
CLI::Validator whole_number(std::uint64_t most) {
  return {[most](std::string& text) {
            std::uint64_t value = 0;
            return parsed(text, value) && value <= most
                       ? std::string()
                       : "found '" + text + "', expected a whole number from 0 to " + std::to_string(most);
          },
          ""};
}

}  // namespace

CLI::Validator Program::positive() {
  return {[](std::string& text) {
            double value = 0;
            return parsed(text, value) && std::isfinite(value) && value > 0
                       ? std::string()
                       : "found '" + text + "', expected a number above 0";
          },
          "POSITIVE"};
}

CLI::App* Program::add_verb(CLI::App& parent, const std::string& name, const std::string& does,
                            const std::string& example) {
  CLI::App* verb = parent.add_subcommand(name, does);
  verb->footer("Example:\n  " + example);
  verb->add_option("--seed", common.seed, "seed of all random numbers (default 0)")
      ->check(whole_number(std::numeric_limits<std::uint64_t>::max()));
  verb->add_option("--threads", common.threads, "threads (default: what the machine offers)")
      ->check(whole_number(1024));
  verb->add_flag("--json", common.json, "one JSON object on standard output");
  verb->add_flag("--quiet", common.quiet, "no progress and no remarks on standard error");
  return verb;
}

void Program::add_verbose(CLI::App& verb, const std::string& pieces) {
  verb.add_flag("--verbose", common.verbose, "a row on standard error for each " + pieces + " that is done")
      ->excludes("--quiet");
}

plexiform::TestBlock parse_test_block(const std::string& text) {
  plexiform::TestBlock test;
  if (text.empty()) return test;
  if (text == "none") {
    test.frames = 0;
    return test;
  }
  const auto slash = text.find('/');
  if (slash != std::string::npos) {
    if (parsed(text.substr(0, slash), test.part) && parsed(text.substr(slash + 1), test.parts) && test.part >= 1 &&
        test.parts >= 2 && test.part <= test.parts)
      return test;
  } else if (std::int64_t frames = 0; parsed(text, frames) && frames >= 1) {
    test.frames = frames;
    return test;
  }
  throw plexiform::Error(plexiform::ErrorKind::usage,
                         "--test is '" + text + "', expected none, a number of frames, or a part such as 3/6");
}
