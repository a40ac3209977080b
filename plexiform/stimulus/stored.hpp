#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// A movie in memory, [time, channel, height, width]. Throws Error{data} if it has another number of axes, no pixel,
/// or a value that is not finite (naming frame and pixel).
std::unique_ptr<Stimulus> memory_stimulus(NdArray<float> movie);

/// A movie in an HDF5 dataset [time, channel, height, width], read as it is asked for.
std::unique_ptr<Stimulus> hdf5_stimulus(const std::filesystem::path& path, const std::string& dataset);

}  // namespace plexiform
