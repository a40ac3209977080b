#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "plexiform/base/ndarray.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// How images become a movie.
struct ImageShow {
  std::uint64_t seed = 0;
  FrameShape shape;
  std::int64_t frames = 0;       ///< of the movie
  std::int64_t frames_each = 1;  ///< so many frames show one image, cut out at one place ...
  double jitter = 0;       ///< ... that moves from frame to frame by steps of so many pixels of the image (standard
                           ///< deviation along each axis) if this is above 0
  std::int64_t scale = 1;  ///< pixels of the image, along each axis, that are averaged to one of the stimulus
  Normalisation normalisation = Normalisation::set;
  double contrast = 1;
};

/// A movie of patches of images, at places and in an order that are functions of the seed. `images`: luminance [row,
/// column] each, see image_file.hpp; they may differ in size. The last sixth of the images (one at least) is shown in
/// the last sixth of the frames, where recordings have their test block, and nowhere else, so that other images test
/// than train. Throws Error{data} with fewer than two images, or if one is smaller than what is to be cut out of it
/// (naming its index), or black all over the set.
std::unique_ptr<Stimulus> image_movie(std::vector<NdArray<float>> images, const ImageShow& show);

}  // namespace plexiform
