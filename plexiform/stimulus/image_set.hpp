#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "plexiform/stimulus/image_file.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// Whole images, a frame each in the order of `files`, as contrast: luminance over the mean of the set, less 1. The
/// files are read once for that mean, and then as they are asked for. Throws as read_image does,
/// Error{data} where they have several sizes or are black all over.
std::unique_ptr<Stimulus> image_set(const std::vector<std::filesystem::path>& files,
                                    const std::optional<RawImage>& raw = {});

}  // namespace plexiform
