#include "plexiform/formats/rebin.hpp"

#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/formats/recording_file.hpp"

namespace plexiform {

Recording read_rebinned(const RebinOptions& options) {
  check_bin_width(options.bin);
  const Recording recording = read_recording(options.recording);
  try {
    Recording other = rebinned(recording, options.bin);
    other.source += "; " + std::to_string(options.bin.bins_per_frame) + " bins to " +
                    std::to_string(options.bin.frames_per_bin) + " frames";
    return other;
  } catch (const Error& error) {
    throw error.in_file(options.recording);
  }
}

Format rebin_format() {
  return make_format<RebinOptions>("rebin", "a recording that keeps its spike times, in bins of another width",
                                   joined({{bound<RebinOptions>(
                                               {.name = "recording",
                                                .about = "recording (.h5) that keeps its spike times",
                                                .example = "spikes.h5",
                                                .need = Need::required},
                                               [](RebinOptions & o) -> auto& { return o.recording; })},
                                           bin_options<RebinOptions>()}),
                                   read_rebinned,
                                   [](const std::filesystem::path& path) { return path.extension() == ".h5"; });
}

}  // namespace plexiform
