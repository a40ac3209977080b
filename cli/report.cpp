#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/report/page.hpp"
#include "plexiform/run/layout.hpp"
#include "program.hpp"
#include "text.hpp"

namespace {

/// The verb that makes what a page lacks.
std::string how_to_make(plexiform::MissingPart part, const std::filesystem::path& run) {
  const std::string name = shell_word(run.string());
  switch (part) {
    case plexiform::MissingPart::fit:
      return "plexiform fit --resume -o " + name;
    case plexiform::MissingPart::score:
      return "plexiform score " + name;
    case plexiform::MissingPart::subunits:
      break;
  }
  return "plexiform reveal " + name;
}

}  // namespace

void add_report(Program& program) {
  struct Options {
    std::filesystem::path folder, output;
  };
  auto options = std::make_shared<Options>();
  auto* verb = program.add_verb(program.app, "report",
                                "a page to open in a browser: pictures and tables of what another verb made",
                                "plexiform report run\n  plexiform report between_cells -o figures.html");
  verb->add_option("folder", options->folder, "folder that fit, compare, study, transfer, flashed or demo made")
      ->required();
  verb->add_option("-o,--output", options->output,
                   "file to write: .html, or .json for the page's data alone (default: FOLDER/report.html)");
  verb->callback([&program, options] {
    program.action = [options](const Caller& caller) {
      const auto output = options->output.empty() ? plexiform::layout::page(options->folder) : options->output;
      plexiform::write_page(options->folder, output, how_to_make);
      if (caller.common.json)
        std::printf("%s\n", nlohmann::json({{"report", output.string()}}).dump().c_str());
      else if (!caller.common.quiet)
        std::fprintf(stderr, "%s\n", output.c_str());
      return 0;
    };
  });
}
