#include "plexiform/stimulus/image_set.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/stimulus/normalise.hpp"
#include "plexiform/stimulus/of_frames.hpp"

namespace plexiform {
namespace {

std::string size_text(const std::vector<std::int64_t>& shape) {
  return std::to_string(shape[0]) + " x " + std::to_string(shape[1]);
}

struct ImageSet {
  std::vector<std::filesystem::path> files;
  std::optional<RawImage> raw;
  double mean = 0;

  std::int64_t number_of(std::int64_t frame) const { return frame; }
  void make(std::int64_t number, std::span<float> out) const {
    const NdArray<float> image = read_image(files[static_cast<std::size_t>(number)], raw);
    if (image.values.size() != out.size())
      throw Error(ErrorKind::damaged, "changed while it was read").in_file(files[static_cast<std::size_t>(number)]);
    std::ranges::copy(image.values, out.begin());
    normalise(out, Normalisation::set, mean, 1);
  }
};

}  // namespace

std::unique_ptr<Stimulus> image_set(const std::vector<std::filesystem::path>& files,
                                    const std::optional<RawImage>& raw) {
  if (files.empty()) throw InternalError("image_set: no images");
  ImageSet set{files, raw, 0};
  std::vector<std::int64_t> size;
  for (const auto& file : files) {
    const NdArray<float> image = read_image(file, raw);
    if (size.empty()) size = image.shape;
    if (image.shape != size)
      throw Error(ErrorKind::data,
                  "has " + size_text(image.shape) + " pixels, " + files.front().string() + " has " + size_text(size) +
                      ", expected one size for all",
                  "cut them to one size, as they were shown")
          .in_file(file);
    set.mean += std::accumulate(image.values.begin(), image.values.end(), 0.0) /
                static_cast<double>(image.values.size() * files.size());
  }
  if (!(set.mean > 0)) throw Error(ErrorKind::data, "the images are black all over, expected some luminance");
  return stimulus_of_frames(FrameShape{1, size[0], size[1]}, static_cast<std::int64_t>(files.size()), std::move(set));
}

}  // namespace plexiform
