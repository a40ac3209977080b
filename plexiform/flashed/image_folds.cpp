#include "plexiform/flashed/image_folds.hpp"

#include <numeric>
#include <string>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/flashed/thresholds.hpp"

namespace plexiform {
namespace {

using thresholds::flashed::kFewestThatFit;

void require_folds(std::int64_t images, std::int64_t folds) {
  if (images <= kFewestThatFit)
    throw Error(ErrorKind::data, "the recording has " + std::to_string(images) + " images, expected more than " +
                                     std::to_string(kFewestThatFit) + " to fit and test models");
  if (folds < 2 || folds > images)
    throw Error(ErrorKind::usage, std::to_string(folds) + " folds of " + std::to_string(images) +
                                      " images, expected 2 to " + std::to_string(images) + " folds")
        .mended_by("folds", "10");
  const std::int64_t fit = images - (images + folds - 1) / folds;
  if (fit < kFewestThatFit)
    throw Error(ErrorKind::data,
                std::to_string(images) + " images in " + std::to_string(folds) + " folds leave " + std::to_string(fit) +
                    " to fit a model to, expected " + std::to_string(kFewestThatFit) + " or more",
                "use more images, or more folds")
        .mended_by("folds", std::to_string(images));
}

}  // namespace

ImageFolds deal_folds(std::int64_t images, std::int64_t number, std::uint64_t seed) {
  require_folds(images, number);
  std::vector<std::int64_t> order(static_cast<std::size_t>(images));
  std::iota(order.begin(), order.end(), 0);
  const CounterRandom random(seed, streams::score::kFolds);
  for (std::size_t i = order.size(); i > 1; --i)  // Fisher and Yates
    std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(i, static_cast<std::int64_t>(i)))]);
  ImageFolds folds{number, std::vector<std::int64_t>(order.size())};
  for (std::size_t i = 0; i < order.size(); ++i)
    folds.of[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i) % number;
  return folds;
}

std::vector<double> means_elsewhere(std::span<const double> values, const ImageFolds& folds) {
  std::vector<double> means;
  for (const std::int64_t own : folds.of) {
    double sum = 0, images = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (folds.of[i] != own) sum += values[i], images += 1;
    means.push_back(sum / images);
  }
  return means;
}

}  // namespace plexiform
