#include <memory>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "program.hpp"
#include "torch_verbs.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

/// What can be refused is refused here, before torch is loaded.
int compare(CompareOptions options, const Caller& caller) {
  options.test_block = parse_test_block(options.test);
  if (plexiform::path_exists(options.folder))
    throw Error(ErrorKind::usage, "exists already; a comparison is never overwritten", "choose another name")
        .in_file(options.folder);
  if (!plexiform::path_exists(options.recording))
    throw Error(ErrorKind::missing, "no such file").in_file(options.recording);
  return torch_verbs().compare(options, caller);
}

}  // namespace

void add_compare(Program& program) {
  auto options = std::make_shared<CompareOptions>();
  auto* verb = program.add_verb(program.app, "compare",
                                "LN, the network, its subunits, LNLN, soft clustering, STC and STNMF side by side",
                                "plexiform compare rec.h5 -o compared --cells 0,3-7");
  verb->add_option("recording", options->recording, "recording (.h5)")->required();
  verb->add_option("-o,--output", options->folder, "folder to make: compare.json, and a run for each method")
      ->required();
  verb->add_option("--cells", options->cells, "which cells: 0,3-7 or all (default)");
  verb->add_option("--test", options->test,
                   "none (model cells are scored on fresh frames), frames of the test block at the end (default: the "
                   "last sixth), or a part: 3/6 is the third sixth");
  program.add_verbose(*verb, "cell and method");
  verb->callback(
      [&program, options] { program.action = [options](const Caller& caller) { return compare(*options, caller); }; });
}
