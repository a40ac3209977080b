#include "program.hpp"

CLI::App* Program::add_verb(CLI::App& parent, const std::string& name, const std::string& does,
                            const std::string& example) {
  CLI::App* verb = parent.add_subcommand(name, does);
  verb->footer("Example:\n  " + example);
  verb->add_option("--seed", common.seed, "seed of all random numbers (default 0)")->check(CLI::NonNegativeNumber);
  verb->add_option("--threads", common.threads, "threads (default: what the machine offers)")
      ->check(CLI::Range(0, 1024));
  verb->add_flag("--json", common.json, "one JSON object on standard output");
  verb->add_flag("--quiet", common.quiet, "no progress and no remarks on standard error");
  return verb;
}
