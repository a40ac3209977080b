#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "program.hpp"
#include "progress_line.hpp"

namespace {

constexpr int kOurError = 1, kInterrupted = 130;

int say_error(const std::string& what, const std::string& advice, int code) {
  clear_progress_line();
  std::fprintf(stderr, "plexiform: %s\n", what.c_str());
  if (!advice.empty()) std::fprintf(stderr, "  %s\n", advice.c_str());
  return code;
}

int usage_error(const std::string& what, const std::string& advice) {
  return say_error(what, advice, static_cast<int>(plexiform::ErrorKind::usage));
}

/// CLI11 knows only that an argument was unexpected; a verb or an option that is nearly known deserves its name.
int parse_error(const Program& program, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  std::vector<std::string> verbs;
  for (const auto* verb : program.app.get_subcommands([](const CLI::App*) { return true; }))
    verbs.push_back(verb->get_name());
  if (!arguments.empty() && !arguments[0].starts_with("-") && std::ranges::find(verbs, arguments[0]) == verbs.end()) {
    const auto near = plexiform::nearest(arguments[0], verbs);
    return usage_error("unknown verb '" + arguments[0] + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
                       "plexiform --help lists the verbs");
  }
  const std::string verb = arguments.empty() ? "" : arguments[0] + " ";
  return usage_error(error.what(), "plexiform " + verb + "--help shows what it takes");
}

int run(const Program& program, const Interrupts& interrupts) {
  try {
    return program.action({program.common, progress_line(program.common.quiet), interrupts.token()});
  } catch (const plexiform::Error& error) {
    return say_error(error.what(), error.advice(), static_cast<int>(error.kind()));
  } catch (const plexiform::Interrupted&) {
    return say_error("interrupted", "", kInterrupted);
  } catch (const std::bad_alloc&) {
    return say_error("out of memory", "a smaller --window, fewer --cells or a smaller batch need less", kOurError);
  } catch (const std::exception& error) {
    return say_error(std::string("internal error: ") + error.what(), "please report this with the command", kOurError);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Interrupts interrupts;
  Program program;
  program.interrupts = &interrupts;
  program.app.set_version_flag("--version", "plexiform " PLEXIFORM_VERSION);
  program.app.require_subcommand(1);
  for (const auto add : {add_demo, add_simulate, add_import, add_info, add_fit, add_score, add_predict, add_reveal,
                         add_report, add_doctor})
    add(program);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return program.app.exit(success);
  } catch (const CLI::ParseError& error) {
    return parse_error(program, error, arguments);
  } catch (const plexiform::Error& error) {
    return usage_error(error.what(), error.advice());
  }
  return run(program, interrupts);
}
