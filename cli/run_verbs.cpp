#include <memory>

#include "plexiform/base/error.hpp"
#include "program.hpp"
#include "torch_verbs.hpp"

namespace {

/// A run directory that is none is refused before torch is loaded.
void require_run(const std::filesystem::path& run) {
  if (std::filesystem::is_regular_file(run / "config.toml")) return;
  throw plexiform::Error(plexiform::ErrorKind::file,
                         run.string() + (std::filesystem::exists(run) ? ": not a run directory: it holds no config.toml"
                                                                      : ": no such run directory"),
                         "a run directory is what `plexiform fit rec.h5 -o RUN` makes");
}

using Member = int (*TorchVerbs::*)(const RunOptions&, const Context&);

void act(Program& program, CLI::App* verb, std::shared_ptr<RunOptions> options, Member member) {
  verb->add_option("--recording", options->moved_to, "where the run's own recording is now, if it moved");
  verb->callback([&program, options, member] {
    program.action = [&program, options, member](const Context& context) {
      require_run(options->run);
      program.interrupts->end_at_once(options->output.empty() ? options->run / "reveal.h5" : options->output);
      return (torch_verbs().*member)(*options, context);
    };
  });
}

}  // namespace

void add_score(Program& program) {
  auto options = std::make_shared<RunOptions>();
  auto* verb = program.add_verb(program.app, "score", "correlation and bits per spike on the test block, beside LN",
                                "plexiform score run\n  plexiform score run other.h5 --json");
  verb->add_option("run", options->run, "run directory")->required();
  verb->add_option("other", options->recording, "another recording of the same cells (all its frames are scored)");
  act(program, verb, options, &TorchVerbs::score);
}

void add_predict(Program& program) {
  auto options = std::make_shared<RunOptions>();
  auto* verb = program.add_verb(program.app, "predict", "predicted rates, float32 [cell, frame], spikes per frame",
                                "plexiform predict run -o rates.npy");
  verb->add_option("run", options->run, "run directory")->required();
  verb->add_option("other", options->recording, "another recording with the same grid");
  verb->add_option("-o,--output", options->output, ".npy file to write")->required();
  act(program, verb, options, &TorchVerbs::predict);
}

void add_reveal(Program& program) {
  auto options = std::make_shared<RunOptions>();
  auto* verb = program.add_verb(
      program.app, "reveal", "the subunits of each cell, into RUN/reveal.h5 and subunits.json", "plexiform reveal run");
  verb->add_option("run", options->run, "run directory")->required();
  act(program, verb, options, &TorchVerbs::reveal);
}

void add_doctor(Program& program) {
  auto* verb = program.add_verb(program.app, "doctor", "what this machine offers, and a self-test", "plexiform doctor");
  verb->callback([&program] { program.action = [](const Context& context) { return torch_verbs().doctor(context); }; });
}

void add_demo(Program& program) {
  auto options = std::make_shared<DemoOptions>();
  auto* verb = program.add_verb(program.app, "demo", "the whole way on a built-in model cell, in under a minute",
                                "plexiform demo -o demo");
  verb->add_option("-o,--output", options->folder, "folder to write (default: demo)");
  verb->callback([&program, options] {
    program.action = [options](const Context& context) { return torch_verbs().demo(*options, context); };
  });
}
