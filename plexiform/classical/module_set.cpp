#include "plexiform/classical/module_set.hpp"

#include <algorithm>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/score/autocorrelation.hpp"

namespace plexiform {
namespace {

/// Frames whose products are summed in the values' own type.
constexpr std::int64_t kChunk = 4096;

void check_shapes(const FilteredMovie& m) {
  const bool fits = m.values.defined() && m.counts.defined() && m.values.dim() == 2 && m.counts.dim() == 1 &&
                    m.values.size(1) == m.pixels() && m.counts.size(0) == m.frames();
  if (!fits) throw InternalError("filtered movie: values [frame, height * width] and counts [frame] do not fit");
  for (const TimeBlock& b : m.blocks)
    if (b.begin < 0 || b.end < b.begin || b.end > m.frames())
      throw InternalError("filtered movie: a block lies outside of the frames");
}

void check_counts(const at::Tensor& counts) {
  if (at::isfinite(counts).logical_and(counts >= 0).all().item<bool>()) return;
  throw Error(ErrorKind::data, "counts: a negative or not finite number of spikes in a frame",
              "counts are spikes per frame, 0 or more");
}

}  // namespace

ModuleSet unit_modules(const at::Tensor& modules) {
  at::Tensor m = modules.to(at::kDouble);
  const at::Tensor peak = m.gather(1, m.abs().argmax(1, true));
  const at::Tensor sign = at::where(peak < 0, -at::ones_like(peak), at::ones_like(peak));
  const at::Tensor norm = m.norm(2, {1}, true);
  return {sign * m / at::where(norm > 0, norm, at::ones_like(norm))};
}

std::vector<double> autocorrelations(const at::Tensor& modules, std::int64_t height, std::int64_t width) {
  const at::Tensor images = modules.to(at::kDouble).contiguous();
  const auto pixels = static_cast<std::size_t>(images.size(1));
  std::vector<double> all;
  for (std::int64_t m = 0; m < images.size(0); ++m)
    all.push_back(morans_i({images.const_data_ptr<double>() + m * images.size(1), pixels}, height, width));
  return all;
}

at::Tensor frame_indices(const FilteredMovie& movie, bool validation) {
  check_shapes(movie);
  std::vector<at::Tensor> parts{at::empty({0}, at::kLong)};
  for (const TimeBlock& b : movie.blocks)
    if (b.validation == validation) parts.push_back(at::arange(b.begin, b.end, at::kLong));
  return at::cat(parts);
}

SpikeFrames spike_frames(const FilteredMovie& movie, bool validation) {
  const at::Tensor frames = frame_indices(movie, validation);
  const at::Tensor counts = movie.counts.index_select(0, frames);
  check_counts(counts);
  const at::Tensor chosen = at::nonzero(counts).flatten();
  SpikeFrames out;
  out.values = movie.values.index_select(0, frames.index_select(0, chosen));
  out.counts = counts.index_select(0, chosen).to(out.values.scalar_type());
  out.spikes = out.counts.sum(at::kDouble).item<double>();
  if (!at::isfinite(out.values).all().item<bool>())
    throw Error(ErrorKind::data, "filtered movie: a value is not finite", "check the stimulus and the temporal filter");
  return out;
}

at::Tensor second_moment(const at::Tensor& values, const at::Tensor& counts) {
  if (values.dim() != 2 || counts.dim() != 1 || values.size(0) != counts.size(0))
    throw InternalError("second_moment: values [frame, pixel] and counts [frame] do not fit");
  at::Tensor sum = at::zeros({values.size(1), values.size(1)}, at::kDouble);
  const at::Tensor weights = counts.to(values.scalar_type()).unsqueeze(1);
  for (std::int64_t begin = 0; begin < values.size(0); begin += kChunk) {
    const std::int64_t length = std::min(kChunk, values.size(0) - begin);
    const at::Tensor x = values.narrow(0, begin, length);
    sum += x.t().mm(x * weights.narrow(0, begin, length));
  }
  return (sum + sum.t()) / 2;
}

at::Tensor stimulus_moment(const FilteredMovie& movie) {
  check_shapes(movie);
  at::Tensor sum = at::zeros({movie.pixels(), movie.pixels()}, at::kDouble);
  std::int64_t frames = 0;
  for (const TimeBlock& b : movie.blocks) {
    if (b.validation) continue;
    for (std::int64_t begin = b.begin; begin < b.end; begin += kChunk) {
      const at::Tensor x = movie.values.narrow(0, begin, std::min(kChunk, b.end - begin));
      sum += x.t().mm(x);
    }
    frames += b.length();
  }
  if (frames == 0) throw Error(ErrorKind::data, "filtered movie: no training frame", "give the split a training part");
  return (sum + sum.t()) / (2.0 * static_cast<double>(frames));
}

}  // namespace plexiform
