#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "caller.hpp"
#include "interrupt.hpp"
#include "plexiform/recording/split.hpp"

/// The command line: one sub-command a verb. Each add_<verb> declares its options and, when it is the one called,
/// leaves what to do in `action`.
struct Program {
  CLI::App app{"plexiform: subunits of retinal ganglion cells, from spikes"};
  Common common;
  Interrupts* interrupts = nullptr;
  std::function<int(const Caller&)> action;

  /// Refuses what is not a number above 0.
  static CLI::Validator positive();

  /// A sub-command with the options that all verbs take, and a real example at the end of its help.
  CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& does, const std::string& example);
  /// --verbose, of a verb that works on pieces; `pieces` says which: "cell".
  void add_verbose(CLI::App& verb, const std::string& pieces);
};

/// --test: "" for the default, "none", a number of frames at the end, or a part of several ("3/6"). Throws Error{usage}
/// if it is none of these.
plexiform::TestBlock parse_test_block(const std::string& text);

void add_demo(Program& program);
void add_simulate(Program& program);
void add_import(Program& program);
void add_info(Program& program);
void add_export(Program& program);
void add_fit(Program& program);
void add_watch(Program& program);
void add_score(Program& program);
void add_predict(Program& program);
void add_reveal(Program& program);
void add_compare(Program& program);
void add_transfer(Program& program);
void add_flashed(Program& program);
void add_study(Program& program);
void add_report(Program& program);
void add_doctor(Program& program);
