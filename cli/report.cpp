#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/report/page.hpp"
#include "program.hpp"

void add_report(Program& program) {
  struct Options {
    std::filesystem::path run, output;
  };
  auto options = std::make_shared<Options>();
  auto* verb =
      program.add_verb(program.app, "report", "one page with the figures and pictures of a run, to open in a browser",
                       "plexiform report run -o report.html");
  verb->add_option("run", options->run, "run directory, scored and revealed")->required();
  verb->add_option("-o,--output", options->output, "HTML file to write (default: RUN/report.html)");
  verb->callback([&program, options] {
    program.action = [options](const Context& context) {
      if (!std::filesystem::is_directory(options->run))
        throw plexiform::Error(plexiform::ErrorKind::file, options->run.string() + ": no such run directory",
                               "a run directory is what `plexiform fit rec.h5 -o RUN` makes");
      const auto output = options->output.empty() ? options->run / "report.html" : options->output;
      plexiform::write_text_atomically(output, plexiform::render_page(plexiform::read_run_page(options->run)));
      if (context.common.json)
        std::printf("%s\n", nlohmann::json({{"report", output.string()}}).dump().c_str());
      else if (!context.common.quiet)
        std::fprintf(stderr, "%s\n", output.c_str());
      return 0;
    };
  });
}
