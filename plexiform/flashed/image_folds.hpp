#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace plexiform {

/// Images in parts, each of which is predicted by models that were fitted to the others.
struct ImageFolds {
  std::int64_t number = 0;
  std::vector<std::int64_t> of;  ///< [image]
};

/// Shuffles so many images and deals them out: a function of the seed. Throws Error{data} if there are too few images
/// to fit models to and to test them, Error{usage} if there cannot be so many folds.
ImageFolds deal_folds(std::int64_t images, std::int64_t number, std::uint64_t seed);

/// For each image the mean of `values` [image] over the images of the other folds.
std::vector<double> means_elsewhere(std::span<const double> values, const ImageFolds& folds);

}  // namespace plexiform
