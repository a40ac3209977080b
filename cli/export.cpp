#include "plexiform/formats/export.hpp"

#include <charconv>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "program.hpp"

namespace {

using plexiform::Error;
using plexiform::ErrorKind;

struct ExportOptions {
  std::filesystem::path recording, arrays;
  std::string frames;
};

std::int64_t bound(const std::string& text, std::int64_t where_empty) {
  if (text.empty()) return where_empty;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc{} && end == text.data() + text.size()) return value;
  throw Error(ErrorKind::usage, "--frames has '" + text + "', expected A:B, frames A to B - 1, such as 0:3000");
}

/// "A:B", either of which may be omitted.
std::optional<plexiform::Range> range_of(const std::string& text, std::int64_t bins) {
  if (text.empty()) return std::nullopt;
  const auto colon = text.find(':');
  if (colon == std::string::npos)
    throw Error(ErrorKind::usage, "--frames is '" + text + "', expected A:B, frames A to B - 1, such as 0:3000");
  return plexiform::Range{bound(text.substr(0, colon), 0), bound(text.substr(colon + 1), bins)};
}

int export_recording(const ExportOptions& options, const Caller& caller) {
  if (options.arrays.empty())
    throw Error(ErrorKind::usage, "export needs to know what to write", "--arrays DIR writes .npy files");
  const auto recording = plexiform::read_recording(options.recording);
  const auto exported = plexiform::export_arrays(recording, options.arrays, range_of(options.frames, recording.bins()),
                                                 caller.progress, caller.stop);
  caller.progress({});
  if (caller.common.json)
    std::printf("%s\n",
                nlohmann::json({{"folder", options.arrays.string()},
                                {"frames", exported.frames},
                                {"cells", recording.cells()},
                                {"stimulus", exported.stimulus == plexiform::StoredType::int8 ? "int8" : "float32"},
                                {"files", exported.files}})
                    .dump()
                    .c_str());
  else if (!caller.common.quiet)
    for (const auto& file : exported.files) std::fprintf(stderr, "%s\n", (options.arrays / file).c_str());
  return 0;
}

}  // namespace

void add_export(Program& program) {
  auto options = std::make_shared<ExportOptions>();
  auto* verb = program.add_verb(program.app, "export", "a recording as plain arrays, for other programs",
                                "plexiform export rec.h5 --arrays arrays");
  verb->add_option("recording", options->recording, "recording (.h5)")->required();
  verb->add_option(
      "--arrays", options->arrays,
      "folder to make: stim.npy [time, height, width] (with several channels [time, channel, height, width];\n"
      "int8 where all values are -1 or 1, else float32), counts.npy int32 [cell, time], and of model cells\n"
      "truth_spatial.npy [cell, subunit, height, width]");
  verb->add_option("--frames", options->frames,
                   "A:B, frames A to B - 1 of those that have counts (default: all of these)");
  verb->callback([&program, options] {
    program.action = [options](const Caller& caller) { return export_recording(*options, caller); };
  });
}
