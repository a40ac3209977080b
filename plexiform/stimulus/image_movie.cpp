#include "plexiform/stimulus/image_movie.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/stimulus/normalise.hpp"
#include "plexiform/stimulus/of_frames.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kTestShare = 6;

/// The pixel that a walk without borders is at, in a corridor of `places` with mirrors at its ends.
std::int64_t folded(std::int64_t at, std::int64_t places) {
  if (places == 1) return 0;
  const std::int64_t period = 2 * (places - 1), within = ((at % period) + period) % period;
  return within < places ? within : period - within;
}

class ImageMovie {
 public:
  ImageMovie(std::vector<NdArray<float>> images, const ImageShow& show)
      : images_(std::make_shared<std::vector<NdArray<float>>>(std::move(images))),
        show_(show),
        order_(show.seed, streams::stimulus::kMovie) {
    check();
    double sum = 0, pixels = 0;
    for (const auto& image : *images_) {
      sum += std::accumulate(image.values.begin(), image.values.end(), 0.0);
      pixels += static_cast<double>(image.values.size());
    }
    mean_ = sum / pixels;
    if (!(mean_ > 0)) throw Error(ErrorKind::data, "the images are black all over, expected some luminance");
    const auto all = static_cast<std::int64_t>(images_->size());
    training_images_ = all - std::max<std::int64_t>(all / kTestShare, 1);
    first_test_frame_ = show.frames - show.frames / kTestShare;
  }

  std::int64_t number_of(std::int64_t frame) const { return show_.jitter > 0 ? frame : frame - since_onset(frame); }

  void make(std::int64_t frame, std::span<float> out) const {
    const bool tests = frame >= first_test_frame_;
    const std::int64_t showing = frame / show_.frames_each;
    // The showing that the border cuts is two: an even and an odd number, so that none of the draws is shared.
    const auto at = (2 * static_cast<std::uint64_t>(showing) + (tests ? 1 : 0)) * 3;
    const auto all = static_cast<std::int64_t>(images_->size());
    const std::int64_t which =
        tests ? training_images_ + order_.integer(at, all - training_images_) : order_.integer(at, training_images_);
    const NdArray<float>& image = (*images_)[static_cast<std::size_t>(which)];
    const std::int64_t rows = image.shape[0] - rows_cut() + 1, columns = image.shape[1] - columns_cut() + 1;
    const auto [dy, dx] = walked(at, since_onset(frame));
    cut(image, folded(order_.integer(at + 1, rows) + dy, rows), folded(order_.integer(at + 2, columns) + dx, columns),
        out);
    normalise(out, show_.normalisation, mean_, show_.contrast);
  }

 private:
  std::int64_t rows_cut() const { return show_.shape.height * show_.scale; }
  std::int64_t columns_cut() const { return show_.shape.width * show_.scale; }

  void check() const {
    if (images_->size() < 2)
      throw Error(ErrorKind::data, std::to_string(images_->size()) + " images, expected two or more",
                  "test and training images differ");
    for (std::size_t i = 0; i < images_->size(); ++i) {
      const auto& shape = (*images_)[i].shape;
      if (shape[0] >= rows_cut() && shape[1] >= columns_cut()) continue;
      throw Error(ErrorKind::data,
                  "image " + std::to_string(i) + " has " + std::to_string(shape[0]) + " x " + std::to_string(shape[1]) +
                      " pixels, expected " + std::to_string(rows_cut()) + " x " + std::to_string(columns_cut()) +
                      " or more to cut out " + std::to_string(show_.shape.height) + " x " +
                      std::to_string(show_.shape.width) + " at a scale of " + std::to_string(show_.scale),
                  "use larger images or a smaller scale");
    }
  }

  struct Step {
    std::int64_t y = 0, x = 0;
  };
  /// Frames that the image of a frame has been on the screen; the test block begins with a new one.
  std::int64_t since_onset(std::int64_t frame) const {
    const std::int64_t onset = frame - frame % show_.frames_each;
    return frame - (frame >= first_test_frame_ ? std::max(onset, first_test_frame_) : onset);
  }

  /// How far a showing has moved after so many frames, pixels of the image.
  Step walked(std::uint64_t showing, std::int64_t frames) const {
    if (!(show_.jitter > 0)) return {};
    const CounterRandom random(show_.seed, streams::stimulus::kWalks + showing);
    double y = 0, x = 0;
    for (std::int64_t i = 0; i < frames; ++i) {
      y += show_.jitter * random.normal(static_cast<std::uint64_t>(2 * i));
      x += show_.jitter * random.normal(static_cast<std::uint64_t>(2 * i + 1));
    }
    return {std::llround(y), std::llround(x)};
  }

  void cut(const NdArray<float>& image, std::int64_t top, std::int64_t left, std::span<float> out) const {
    const double area = static_cast<double>(show_.scale * show_.scale);
    for (std::int64_t y = 0; y < show_.shape.height; ++y)
      for (std::int64_t x = 0; x < show_.shape.width; ++x) {
        double sum = 0;
        for (std::int64_t j = 0; j < show_.scale; ++j) {
          const auto row = image.row(top + y * show_.scale + j);
          for (std::int64_t i = 0; i < show_.scale; ++i)
            sum += row[static_cast<std::size_t>(left + x * show_.scale + i)];
        }
        out[static_cast<std::size_t>(y * show_.shape.width + x)] = static_cast<float>(sum / area);
      }
  }

  std::shared_ptr<const std::vector<NdArray<float>>> images_;
  ImageShow show_;
  CounterRandom order_;
  double mean_ = 0;  ///< luminance of the whole set
  std::int64_t training_images_ = 0, first_test_frame_ = 0;
};

}  // namespace

std::unique_ptr<Stimulus> image_movie(std::vector<NdArray<float>> images, const ImageShow& show) {
  return stimulus_of_frames(show.shape, show.frames, ImageMovie(std::move(images), show));
}

}  // namespace plexiform
