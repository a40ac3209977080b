#include "plexiform/stimulus/binned.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

constexpr std::int64_t kBlockValues = 4 << 20;  // of the displayed movie, in memory at a time

class HeldStimulus final : public Stimulus {
 public:
  HeldStimulus(std::shared_ptr<const Stimulus> displayed, std::int64_t each)
      : displayed_(std::move(displayed)), each_(each) {}

  FrameShape shape() const override { return displayed_->shape(); }
  std::int64_t frames() const override {
    return displayed_->frames() >= kEndless / each_ ? kEndless : displayed_->frames() * each_;
  }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    if (begin == end) return;
    const std::int64_t first = begin / each_, last = (end - 1) / each_ + 1;
    const auto values = static_cast<std::size_t>(shape().channels * window.pixels());
    std::vector<float> shown(static_cast<std::size_t>(last - first) * values);
    displayed_->read(first, last, window, shown);
    auto to = out.begin();
    for (std::int64_t t = begin; t < end; ++t)
      to =
          std::copy_n(shown.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(t / each_ - first) * values),
                      values, to);
  }

  std::shared_ptr<const Stimulus> displayed_;
  std::int64_t each_;
};

class MeanStimulus final : public Stimulus {
 public:
  MeanStimulus(std::shared_ptr<const Stimulus> displayed, std::int64_t each)
      : displayed_(std::move(displayed)), each_(each) {}

  FrameShape shape() const override { return displayed_->shape(); }
  std::int64_t frames() const override {
    return displayed_->frames() == kEndless ? kEndless : displayed_->frames() / each_;
  }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    const std::int64_t values = shape().channels * window.pixels();
    if (values == 0) return;
    const std::int64_t step = std::max<std::int64_t>(kBlockValues / (values * each_), 1);
    std::vector<float> shown;
    for (std::int64_t t = begin; t < end; t += step) {
      const std::int64_t last = std::min(t + step, end);
      shown.resize(static_cast<std::size_t>((last - t) * each_ * values));
      displayed_->read(t * each_, last * each_, window, shown);
      for (std::int64_t i = t; i < last; ++i)
        for (std::int64_t v = 0; v < values; ++v) {
          double sum = 0;
          for (std::int64_t k = 0; k < each_; ++k)
            sum += shown[static_cast<std::size_t>(((i - t) * each_ + k) * values + v)];
          out[static_cast<std::size_t>((i - begin) * values + v)] =
              static_cast<float>(sum / static_cast<double>(each_));
        }
    }
  }

  std::shared_ptr<const Stimulus> displayed_;
  std::int64_t each_;
};

}  // namespace

void check_bin_width(const BinWidth& width) {
  const auto text = std::to_string(width.bins_per_frame) + " bins to a frame and " +
                    std::to_string(width.frames_per_bin) + " frames to a bin";
  if (width.bins_per_frame < 1 || width.frames_per_bin < 1)
    throw Error(ErrorKind::usage, text + ", expected 1 or more of each");
  if (width.bins_per_frame > 1 && width.frames_per_bin > 1)
    throw Error(ErrorKind::usage, text + ", expected one of them to be 1");
}

std::shared_ptr<const Stimulus> seen_by_bins(std::shared_ptr<const Stimulus> displayed, const BinWidth& width) {
  check_bin_width(width);
  if (width.is_frame()) return displayed;
  if (width.bins_per_frame > 1) return std::make_shared<HeldStimulus>(std::move(displayed), width.bins_per_frame);
  return std::make_shared<MeanStimulus>(std::move(displayed), width.frames_per_bin);
}

}  // namespace plexiform
