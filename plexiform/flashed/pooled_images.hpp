#pragma once
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/recording/field.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform {

/// What a receptive field sees of each image, if it is made of subunits of one size: subunits are Gaussians of standard
/// deviation `size` pixels at every pixel, pooled by a Gaussian of such a width that both together have the covariance
/// of the field. With x the contrast that a subunit sees,
///   inputs [image, 2]: sum of w max(-x, 0) (darker than the mean), sum of w max(x, 0) (brighter).
/// Their difference is what the field sees without subunits, whatever their size, except at the border.
struct PooledImages {
  double extent = 0;  ///< factor on the field's standard deviations
  double size = 0;    ///< pixels
  NdArray<double> inputs;
};

/// Sizes of subunits that are tried, pixels: from kSmallestSize, kSizesPerOctave from one to twice as large, up to
/// `largest`.
std::vector<double> subunit_sizes(double largest);

/// [cell][extent and size]: for each field and extent the sizes that fit into it (up to its minor axis; the smallest
/// size at least). Outside of an image there is grey (contrast 0), and no subunit has its middle there. Images pass
/// through by blocks. Throws Error{data} if a field is wider than the images, Interrupted on a stop request.
std::vector<std::vector<PooledImages>> pooled_images(const Stimulus& images, const std::vector<Field>& fields,
                                                     const std::vector<double>& extents, const Context& context = {});

}  // namespace plexiform
