#include "plexiform/flashed/pooled_images.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/flashed/thresholds.hpp"

namespace plexiform {
namespace {

using namespace thresholds::flashed;

constexpr std::int64_t kBlockValues = 16 << 20;  // of the images, in memory at a time

/// A row of Gaussian weights over 2 * reach + 1 pixels, of sum 1.
std::vector<float> weights_of(double size) {
  const auto reach = static_cast<std::int64_t>(std::ceil(kReach * size));
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t i = -reach; i <= reach; ++i) {
    const double u = static_cast<double>(i) / size;
    weights.push_back(std::exp(-u * u / 2));
    sum += weights.back();
  }
  std::vector<float> to;
  for (const double w : weights) to.push_back(static_cast<float>(w / sum));
  return to;
}

/// `image` [height, width] seen through a Gaussian, 0 outside; `scratch` is as large.
void blur(std::span<const float> image, std::int64_t height, std::int64_t width, const std::vector<float>& weights,
          std::span<float> scratch, std::span<float> out) {
  const auto reach = static_cast<std::int64_t>(weights.size() / 2);
  std::ranges::fill(scratch, 0.0F);
  std::ranges::fill(out, 0.0F);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t k = std::max(-reach, -y); k <= std::min(reach, height - 1 - y); ++k) {
      const float weight = weights[static_cast<std::size_t>(k + reach)];
      const float* from = image.data() + (y + k) * width;
      float* to = scratch.data() + y * width;
      for (std::int64_t x = 0; x < width; ++x) to[x] += weight * from[x];
    }
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t k = std::max(-reach, 1 - width); k <= std::min(reach, width - 1); ++k) {
      const float weight = weights[static_cast<std::size_t>(k + reach)];
      const std::int64_t begin = std::max<std::int64_t>(0, -k), end = std::min(width, width - k);
      const float* from = scratch.data() + y * width + k;
      float* to = out.data() + y * width;
      for (std::int64_t x = begin; x < end; ++x) to[x] += weight * from[x];
    }
}

/// The pooling Gaussian of a field of subunits, on the pixels of an image.
struct Pool {
  Window window;
  std::vector<float> weights;
};

Pool pool_of(const Field& field, double size, const FrameShape& shape) {
  Field pool = field;
  // A field that is hardly wider than its subunits pools over a pixel along its minor axis.
  const double share = std::min(size * size, std::pow(field.minor(), 2) - kLeastVariance);
  pool.xx -= std::max(share, 0.0);
  pool.yy -= std::max(share, 0.0);
  const double rx = kReach * std::sqrt(pool.xx) + 1, ry = kReach * std::sqrt(pool.yy) + 1;
  const auto bound = [](double at, std::int64_t most) {
    return static_cast<std::int64_t>(std::clamp(std::floor(at), 0.0, static_cast<double>(most)));
  };
  const std::int64_t x0 = bound(field.centre.x - rx, shape.width), x1 = bound(field.centre.x + rx + 1, shape.width),
                     y0 = bound(field.centre.y - ry, shape.height), y1 = bound(field.centre.y + ry + 1, shape.height);
  Pool to{{y0, x0, y1 - y0, x1 - x0}, {}};
  // The sum over all pixels, those beyond the border included, is 1 also where the pool is narrow for the pixels.
  double sum = 0;
  const auto first = static_cast<std::int64_t>(std::floor(field.centre.x - rx));
  std::vector<double> row(static_cast<std::size_t>(2 * std::ceil(rx) + 2));
  for (auto y = static_cast<std::int64_t>(std::floor(field.centre.y - ry));
       static_cast<double>(y) <= field.centre.y + ry; ++y) {
    gaussian_row(pool, y, first, row);
    sum = std::accumulate(row.begin(), row.end(), sum);
  }
  row.resize(static_cast<std::size_t>(x1 - x0));
  for (std::int64_t y = y0; y < y1; ++y) {
    gaussian_row(pool, y, x0, row);
    for (const double w : row) to.weights.push_back(static_cast<float>(w / sum));
  }
  return to;
}

/// Darker and brighter than the mean, pooled.
std::pair<double, double> pooled(std::span<const float> blurred, std::int64_t width, const Pool& pool) {
  double off = 0, on = 0;
  const float* weight = pool.weights.data();
  for (std::int64_t y = 0; y < pool.window.height; ++y) {
    const float* row = blurred.data() + (pool.window.y + y) * width + pool.window.x;
    float row_off = 0, row_on = 0;
    for (std::int64_t x = 0; x < pool.window.width; ++x, ++weight) {
      row_off += *weight * std::max(-row[x], 0.0F);
      row_on += *weight * std::max(row[x], 0.0F);
    }
    off += static_cast<double>(row_off);
    on += static_cast<double>(row_on);
  }
  return {off, on};
}

/// One entry of the result, and where its pooling lies.
struct Job {
  PooledImages* to = nullptr;
  const Field* field = nullptr;
};

/// Entries of the result without inputs yet; jobs by size.
std::vector<std::vector<PooledImages>> laid_out(const std::vector<Field>& fields, const std::vector<double>& extents,
                                                const std::vector<double>& sizes, std::int64_t images) {
  std::vector<std::vector<PooledImages>> all(fields.size());
  for (std::size_t cell = 0; cell < fields.size(); ++cell)
    for (const double extent : extents)
      for (const double size : sizes)
        if (size == sizes.front() || size <= extent * fields[cell].minor())
          all[cell].push_back({extent, size, NdArray<double>({images, 2})});
  return all;
}

}  // namespace

std::vector<double> subunit_sizes(double largest) {
  std::vector<double> sizes{kSmallestSize};
  const auto size_of = [](int i) { return kSmallestSize * std::pow(2, i / kSizesPerOctave); };
  for (int i = 1; size_of(i) <= largest; ++i) sizes.push_back(size_of(i));
  return sizes;
}

std::vector<std::vector<PooledImages>> pooled_images(const Stimulus& images, const std::vector<Field>& fields,
                                                     const std::vector<double>& extents, const Context& context) {
  const FrameShape shape = images.shape();
  if (shape.channels != 1)
    throw Error(ErrorKind::data,
                "the images have " + std::to_string(shape.channels) + " channels, expected one of luminance");
  double largest = 0;
  for (const Field& field : fields) {
    if (field.major() > static_cast<double>(std::max(shape.height, shape.width)))
      throw Error(ErrorKind::data, "a receptive field is wider than the images");
    largest = std::max(largest, field.minor());
  }
  const auto sizes = subunit_sizes(largest * std::ranges::max(extents));
  const std::int64_t n = images.frames(), pixels = shape.pixels();
  const int threads = threads_of(context);
  auto all = laid_out(fields, extents, sizes, n);
  const std::int64_t block = std::clamp<std::int64_t>(kBlockValues / pixels, 1, n);
  std::vector<float> shown(static_cast<std::size_t>(block * pixels)), blurred(shown.size());
  double done = 0;
  for (std::int64_t begin = 0; begin < n; begin += block) {
    const std::int64_t count = std::min(block, n - begin);
    images.read(begin, begin + count, whole(shape), std::span(shown).first(static_cast<std::size_t>(count * pixels)));
    for (const double size : sizes) {
      check_stop(context);
      tell(context, {"images through subunits", done++,
                     static_cast<double>(sizes.size()) * std::ceil(static_cast<double>(n) / static_cast<double>(block)),
                     "sizes", ""});
      const auto weights = weights_of(size);
      const auto frame = [pixels](std::vector<float>& of, std::int64_t i) {
        return std::span(of).subspan(static_cast<std::size_t>(i * pixels), static_cast<std::size_t>(pixels));
      };
      parallel_for(count, threads, [&](std::int64_t first, std::int64_t last) {
        std::vector<float> scratch(static_cast<std::size_t>(pixels));
        for (std::int64_t i = first; i < last; ++i)
          blur(frame(shown, i), shape.height, shape.width, weights, scratch, frame(blurred, i));
      });
      std::vector<Job> jobs;
      for (std::size_t cell = 0; cell < fields.size(); ++cell)
        for (PooledImages& entry : all[cell])
          if (entry.size == size) jobs.push_back({&entry, &fields[cell]});
      parallel_for(static_cast<std::int64_t>(jobs.size()), threads, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t j = first; j < last; ++j) {
          const Job& job = jobs[static_cast<std::size_t>(j)];
          const Pool pool = pool_of(job.field->scaled(job.to->extent), size, shape);
          for (std::int64_t i = 0; i < count; ++i) {
            const auto [off, on] = pooled(frame(blurred, i), shape.width, pool);
            job.to->inputs.row(begin + i)[0] = off;
            job.to->inputs.row(begin + i)[1] = on;
          }
        }
      });
    }
  }
  return all;
}

}  // namespace plexiform
