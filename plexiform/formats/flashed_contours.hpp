#pragma once
#include <filesystem>

#include "plexiform/formats/flashed_file.hpp"

namespace plexiform {

/// Whether a file is one of MATLAB, by the ending of its name in any case.
bool is_mat(const std::filesystem::path& path);

/// Contours, and centres in them, of FlashedOptions::contours, on the images of the recording. Throws Error of the file
/// if there is not one for each cell, or one lies outside of the images.
void take_contours(const FlashedOptions& options, Recording& recording);

}  // namespace plexiform
