#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/report/page.hpp"
#include "program.hpp"

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
    program.action = [options](const Context& context) {
      const auto output = options->output.empty() ? options->folder / "report.html" : options->output;
      plexiform::write_page(options->folder, output);
      if (context.common.json)
        std::printf("%s\n", nlohmann::json({{"report", output.string()}}).dump().c_str());
      else if (!context.common.quiet)
        std::fprintf(stderr, "%s\n", output.c_str());
      return 0;
    };
  });
}
