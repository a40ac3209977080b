#include "plexiform/transfer/still_images.hpp"

#include <algorithm>
#include <numeric>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

class Steps final : public Stimulus {
 public:
  Steps(std::shared_ptr<const Stimulus> images, std::int64_t lags, std::int64_t shown)
      : images_(std::move(images)), lags_(lags), shown_(shown) {}
  FrameShape shape() const override { return images_->shape(); }
  std::int64_t frames() const override { return images_->frames() * lags_; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    const auto values = static_cast<std::size_t>(shape().channels * window.pixels());
    std::vector<float> image(values);
    std::int64_t read = -1;
    for (std::int64_t t = begin; t < end; ++t) {
      const auto to = out.subspan(static_cast<std::size_t>(t - begin) * values, values);
      if (t % lags_ < lags_ - shown_) {
        std::ranges::fill(to, 0.0F);
        continue;
      }
      if (read != t / lags_) images_->read(t / lags_, t / lags_ + 1, window, image);
      read = t / lags_;
      std::ranges::copy(image, to.begin());
    }
  }

  std::shared_ptr<const Stimulus> images_;
  std::int64_t lags_, shown_;
};

}  // namespace

std::int64_t peak_of_step(const Network& network) {
  const at::NoGradGuard no_gradient;
  // [filter, lag, ..]: separable filters have a spatial part of one norm for all lags.
  const at::Tensor filter = network.settings.separable
                                ? network.temporal * network.spatial.flatten(1).norm(2, 1).unsqueeze(1)
                                : network.filter;
  const at::Tensor taken_up = filter.to(at::kDouble).cumsum(1).transpose(0, 1).flatten(1).norm(2, 1);
  return taken_up.argmax().item<std::int64_t>() + 1;
}

std::int64_t peak_of_step(const CellModel& model) {
  if (const auto* subunits = std::get_if<SubunitModel>(&model)) return peak_of_step(*subunits);
  return peak_of_step(network_of(model));
}

Recording steps_of(const Recording& flashed, std::int64_t lags, std::int64_t shown) {
  if (flashed.kind != RecordingKind::flashed || shown < 1 || shown > lags)
    throw InternalError("steps_of: no flashed images, or more frames shown than a model looks back");
  Recording steps = flashed;
  steps.kind = RecordingKind::movie;
  steps.stimulus = std::make_shared<Steps>(flashed.stimulus, lags, shown);
  steps.recipe.reset();
  steps.record.reset();
  steps.truth.clear();
  std::vector<std::size_t> order(flashed.segments.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return flashed.segments[i].first_frame; });
  for (std::size_t to = 0; to < order.size(); ++to) {
    const Segment& from = flashed.segments[order[to]];
    const std::int64_t begin = from.first_frame * lags;
    steps.segments[to] = {static_cast<std::int64_t>(to), 1, begin + lags - 1, begin, from.repeat};
    for (std::int64_t cell = 0; cell < flashed.cells(); ++cell)
      steps.counts.row(cell)[to] = flashed.counts.row(cell)[static_cast<std::size_t>(from.start)];
  }
  validate(steps);
  return steps;
}

}  // namespace plexiform
