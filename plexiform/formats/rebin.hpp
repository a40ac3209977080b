#pragma once
#include <filesystem>

#include "plexiform/formats/common.hpp"

namespace plexiform {

/// A recording of ours that keeps its spike times, in bins of another width.
struct RebinOptions {
  BinWidth bin;
  std::filesystem::path recording;
};

/// Throws Error{data} if the recording keeps no spike times.
Recording read_rebinned(const RebinOptions& options);
Format rebin_format();

}  // namespace plexiform
