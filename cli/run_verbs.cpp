#include <memory>

#include "plexiform/base/error.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"
#include "program.hpp"
#include "torch_verbs.hpp"

namespace {

/// A folder that is not a run directory is refused before torch is loaded.
void require_run(const std::filesystem::path& run) {
  plexiform::read_run(run);
}

using Member = int (*TorchVerbs::*)(const RunOptions&, const Caller&);

void act(Program& program, CLI::App* verb, std::shared_ptr<RunOptions> options, Member member) {
  verb->add_option("--recording", options->moved_to, "where the run's own recording is now, if it moved");
  verb->callback([&program, options, member] {
    program.action = [&program, options, member](const Caller& caller) {
      require_run(options->run);
      if (member != &TorchVerbs::reveal)
        program.interrupts->end_at_once(options->output.empty() ? plexiform::layout::score(options->run)
                                                                : options->output);
      return (torch_verbs().*member)(*options, caller);
    };
  });
}

/// Of verbs that take another recording.
void add_rescale(CLI::App* verb, RunOptions& options, CLI::Option* other) {
  verb->add_flag("--rescale", options.rescale,
                 "bring the other recording to the grid and frame rate of the run's own, if they differ")
      ->needs(other);
}

}  // namespace

void add_score(Program& program) {
  auto options = std::make_shared<RunOptions>();
  auto* verb =
      program.add_verb(program.app, "score", "correlation and bits per spike on the test block, for the network and LN",
                       "plexiform score run\n  plexiform score run other.h5 --json");
  verb->add_option("run", options->run, "run directory")->required();
  auto* other =
      verb->add_option("other", options->recording, "another recording of the same cells (all its frames are scored)");
  add_rescale(verb, *options, other);
  verb->add_flag("--by-row", options->by_row,
                 "the other recording has the same cells in the same rows (default: cells are matched by their names)")
      ->needs(other);
  act(program, verb, options, &TorchVerbs::score);
}

void add_predict(Program& program) {
  auto options = std::make_shared<RunOptions>();
  auto* verb = program.add_verb(program.app, "predict", "predicted rates, float32 [cell, frame], spikes per frame",
                                "plexiform predict run -o rates.npy");
  verb->add_option("run", options->run, "run directory")->required();
  add_rescale(verb, *options,
              verb->add_option("other", options->recording, "another recording: predict responses to its stimulus"));
  verb->add_option("-o,--output", options->output, ".npy file to write")->required();
  act(program, verb, options, &TorchVerbs::predict);
}

void add_reveal(Program& program) {
  auto options = std::make_shared<RunOptions>();
  auto* verb = program.add_verb(
      program.app, "reveal",
      "the subunits of each cell, with their confidence, into RUN/reveal.h5, subunits.json and minimal",
      "plexiform reveal run\n  plexiform score run/minimal");
  verb->add_option("run", options->run, "run directory")->required();
  verb->add_flag("--quick", options->quick, "subunits alone: no verdict, no remark on what is left, no confidence");
  verb->add_flag("--halves", options->halves, "reveal each half of the recording too, and say what comes back");
  verb->add_option("--prune", options->prune,
                   "how RUN/minimal is found: subunits by held-out likelihood (default), or the network's filters by "
                   "spatial autocorrelation, as in the paper")
      ->check(CLI::IsMember({"likelihood", "autocorrelation"}));
  act(program, verb, options, &TorchVerbs::reveal);
}

void add_doctor(Program& program) {
  auto options = std::make_shared<DoctorOptions>();
  auto* verb = program.add_verb(program.app, "doctor", "what this machine offers, and a self-test",
                                "plexiform doctor\n  plexiform doctor --bench machine\n  plexiform doctor --bench step "
                                "--movie 20x8x8 --filters 8 --size 7 --frames 2000 --json");
  verb->add_option("--bench", options->bench,
                   "instead: 'machine' measures its peak performance, 'step' the median time of a training step")
      ->check(CLI::IsMember({"machine", "step"}));
  verb->add_option("--movie", options->movie, "step: lags x height x width (default 20x16x16)");
  verb->add_option("--filters", options->filters, "step: filters (default 1)")->check(Program::positive());
  verb->add_option("--size", options->size, "step: side of a filter, pixels (default 5)")->check(Program::positive());
  verb->add_option("--frames", options->frames, "step: frames of the batch (default 1000)")->check(Program::positive());
  verb->add_flag("--separable", options->separable, "step: filters are spatial x temporal");
  verb->add_option("--second", options->second, "step: a second layer, filters x side (8x11)");
  verb->add_option("--rounds", options->rounds, "step: steps to take (default: about two seconds of them)")
      ->check(Program::positive());
  verb->add_option("--data", options->data,
                   "step: a folder to write movie, counts, weights, loss and gradients of one step without noise to, "
                   "as .npy, to compare with another tool");
  verb->callback([&program, options] {
    program.action = [options](const Caller& caller) { return torch_verbs().doctor(*options, caller); };
  });
}

void add_demo(Program& program) {
  auto options = std::make_shared<DemoOptions>();
  auto* verb = program.add_verb(program.app, "demo",
                                "simulate, fit, score, reveal and report a built-in model cell, in under a minute",
                                "plexiform demo -o demo");
  verb->add_option("-o,--output", options->folder, "folder to write (default: demo)");
  verb->callback([&program, options] {
    program.action = [options](const Caller& caller) { return torch_verbs().demo(*options, caller); };
  });
}
