#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "exit_code.hpp"
#include "parameters.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/run/call.hpp"
#include "program.hpp"
#include "progress_line.hpp"
#include "text.hpp"

namespace {

int say_error(const std::string& what, const std::string& advice, int code) {
  clear_progress_line();
  std::fprintf(stderr, "plexiform: %s\n", what.c_str());
  if (!advice.empty()) std::fprintf(stderr, "  %s\n", advice.c_str());
  return code;
}

/// With the option that would mend it, which the library does not know.
int say_error(const CLI::App& verb, const plexiform::Error& error) {
  std::string advice = error.advice();
  const std::string option = error.parameter() ? parameter_advice(verb, *error.parameter()) : "";
  if (!option.empty()) advice += (advice.empty() ? "" : "\n  ") + option;
  return say_error(error.what(), advice, exit_code(error.kind()));
}

int usage_error(const std::string& what, const std::string& advice) {
  return say_error(what, advice, exit_code(plexiform::ErrorKind::usage));
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(verb->get_name());
  return names;
}

std::string unknown(const std::string& kind, const std::string& word, const std::vector<std::string>& known) {
  const auto near = plexiform::nearest(word, known);
  return "unknown " + kind + " '" + word + "'" + (near ? "; did you mean '" + *near + "'?" : "");
}

/// What is wrong with the first argument that `verb` does not know; empty if it knows them all.
std::string unexpected(const CLI::App& verb) {
  const auto rest = verb.remaining();
  if (rest.empty()) return {};
  const auto verbs = verbs_of(verb);
  if (!verbs.empty() && !rest[0].starts_with("-"))
    return unknown(verb.get_parent() == nullptr ? "verb" : "format", rest[0], verbs);
  const auto option = std::ranges::find_if(rest, [](const std::string& word) { return word.starts_with("-"); });
  if (option == rest.end()) return "unexpected argument '" + rest[0] + "'";
  std::vector<std::string> known;
  for (const auto* each : verb.get_options())
    for (const auto& name : each->get_lnames()) known.push_back("--" + name);
  return unknown("option", option->substr(0, option->find('=')), known);
}

/// The verb or format that was called, and how: "import arrays "; the program itself before a verb is known.
const CLI::App& called(const Program& program, std::string& path) {
  const CLI::App* verb = &program.app;
  while (!verb->get_subcommands().empty()) {
    verb = verb->get_subcommands().front();
    path += verb->get_name() + " ";
  }
  return *verb;
}

/// CLI11 knows only that an argument was unexpected; a verb or an option that is nearly known deserves its name.
int parse_error(const Program& program, const CLI::ParseError& error) {
  std::string path;
  std::string what = unexpected(called(program, path));
  const std::string conversion = "Could not convert: ";
  if (what.empty()) {
    what = error.what();
    if (const auto equals = what.find(" = "); what.starts_with(conversion) && equals != std::string::npos)
      what = what.substr(conversion.size(), equals - conversion.size()) + ": found '" + what.substr(equals + 3) +
             "', expected a number";
    else if (path.empty())
      what = "no verb given";
  }
  return usage_error(
      what, path.empty() ? "plexiform --help lists the verbs" : "plexiform " + path + "--help shows what it takes");
}

/// What was printed may still be lost: on a full disk, this shows only here.
void finish_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw plexiform::Error(plexiform::ErrorKind::file,
                         std::string("standard output: cannot be written: ") + std::strerror(errno));
}

int run(const Program& program, const Interrupts& interrupts, const std::string& command) {
  try {
    const int code = program.action({program.common, progress_line(program.common.quiet), interrupts.token(), command});
    finish_output();
    return code;
  } catch (const plexiform::Error& error) {
    std::string path;
    return say_error(called(program, path), error);
  } catch (const plexiform::Interrupted&) {
    return say_error("interrupted", "", kInterrupted);
  } catch (const std::bad_alloc&) {
    return say_error(
        "out of memory",
        "a smaller window (--set window=...), fewer --cells or a smaller batch (--set batch=...) need less", kOurError);
  } catch (const std::filesystem::filesystem_error& error) {  // a folder that may not be looked into, say
    return say_error(error.path1().string() + ": " + error.code().message(), "", exit_code(plexiform::ErrorKind::file));
  } catch (const std::exception& error) {
    return say_error(std::string("internal error: ") + error.what(), "please report this with the command", kOurError);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Interrupts interrupts;
  Program program;
  program.interrupts = &interrupts;
  program.app.set_version_flag("--version", "plexiform " + plexiform::version());
  program.app.require_subcommand(1);
  for (const auto add :
       {add_demo, add_simulate, add_import, add_info, add_export, add_fit, add_watch, add_score, add_predict,
        add_reveal, add_compare, add_study, add_transfer, add_flashed, add_report, add_doctor})
    add(program);
  try {
    program.app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return program.app.exit(success);
  } catch (const CLI::ParseError& error) {
    return parse_error(program, error);
  } catch (const plexiform::Error& error) {
    return usage_error(error.what(), error.advice());
  }
  return run(program, interrupts, shell_text(argc, argv));
}
