#include "plexiform/stimulus/ran1_stimulus.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/stimulus/ran1.hpp"

namespace plexiform {
namespace {

/// +-contrast by ran1 >= 0.5, decided on ran1's integer, which is the same (Ran1::kHalf).
class BinarySource {
 public:
  BinarySource(std::int64_t seed, float contrast) : random_(seed), contrast_(contrast) {}
  float next() { return next_is_high() ? contrast_ : -contrast_; }
  bool next_is_high() { return random_.next_integer() >= Ran1::kHalf; }
  void discard(std::int64_t values) { random_.discard(values); }

 private:
  Ran1 random_;
  float contrast_;
};

/// contrast times gasdev.
class GaussianSource {
 public:
  GaussianSource(std::int64_t seed, float contrast) : random_(seed), contrast_(contrast) {}
  float next() { return contrast_ * random_.next(); }
  void discard(std::int64_t values) { random_.discard(values); }

 private:
  Gasdev random_;
  float contrast_;
};

/// One frame of the stream seen as lines of values that follow each other: columns (xy) or rows (yx), and of each line
/// the part that is wanted.
struct Lines {
  std::int64_t count, length;          ///< lines in a frame, values in a line
  std::int64_t first, wanted;          ///< the lines that are wanted
  std::int64_t offset, run;            ///< the values of these that are wanted
  std::int64_t line_step, value_step;  ///< from one line and from one value to the next, in the output
};

Lines lines_of(const Ran1Recipe& recipe, const Window& w) {
  if (recipe.order == PixelOrder::yx) return {recipe.height, recipe.width, w.y, w.height, w.x, w.width, w.width, 1};
  return {recipe.width, recipe.height, w.x, w.width, w.y, w.height, 1, w.width};
}

/// Takes one frame from the source and leaves the window in `out`.
template <class Source>
void take_frame(Source& source, const Lines& lines, float* out) {
  source.discard(lines.first * lines.length + lines.offset);
  const std::int64_t between = lines.length - lines.run;
  for (std::int64_t i = 0; i < lines.wanted; ++i) {
    Source local = source;  // a local copy stays in registers
    float* at = out + i * lines.line_step;
    for (std::int64_t k = 0; k < lines.run; ++k) at[k * lines.value_step] = local.next();
    source = local;
    const bool last = i + 1 == lines.wanted;
    source.discard(last ? between - lines.offset + (lines.count - lines.first - lines.wanted) * lines.length : between);
  }
}

/// The frames of one stream of random numbers, which only runs forward. States on the way are kept, so that a read
/// begins at the last one before it, whichever thread left it there.
template <class Source>
class FrameStream {
 public:
  FrameStream(const Source& start, std::int64_t frame_values)
      : every_(std::max<std::int64_t>(1, kValuesApart / frame_values)), frame_values_(frame_values), kept_{start} {}

  /// take(source, frame) takes the values of each frame in [begin, end).
  template <class Take>
  void for_frames(std::int64_t begin, std::int64_t end, const Take& take) {
    auto [source, t] = state_before(begin);
    for (; t < end; ++t) {
      if (t % every_ == 0) keep(t / every_, source);
      if (t < begin)
        source.discard(frame_values_);
      else
        take(source, t);
    }
    if (end % every_ == 0) keep(end / every_, source);
    const std::lock_guard lock(mutex_);
    last_.emplace(source, end);
  }

 private:
  static constexpr std::int64_t kValuesApart = 1 << 18;  // about a millisecond of work for 136 bytes

  std::pair<Source, std::int64_t> state_before(std::int64_t frame) const {
    const std::lock_guard lock(mutex_);
    if (last_ && last_->second == frame) return *last_;
    const auto i = std::min(frame / every_, static_cast<std::int64_t>(kept_.size()) - 1);
    return {kept_[static_cast<std::size_t>(i)], i * every_};
  }
  void keep(std::int64_t i, const Source& source) {
    const std::lock_guard lock(mutex_);
    if (i == static_cast<std::int64_t>(kept_.size())) kept_.push_back(source);
  }

  std::int64_t every_;  ///< frames from one kept state to the next
  std::int64_t frame_values_;
  mutable std::mutex mutex_;
  std::vector<Source> kept_;
  std::optional<std::pair<Source, std::int64_t>> last_;  ///< where the last read ended: the next often begins there
};

template <class Source, class Base = Stimulus>
class Ran1Stimulus : public Base {
 public:
  explicit Ran1Stimulus(const Ran1Recipe& recipe)
      : recipe_(recipe), running_(source(recipe.seed), recipe.height * recipe.width) {
    if (has_frozen() && recipe.frozen_seed != 0)
      frozen_.emplace(source(recipe.frozen_seed), recipe.height * recipe.width);
  }

  FrameShape shape() const override { return {1, recipe_.height, recipe_.width}; }
  std::int64_t frames() const override { return kEndless; }

 protected:
  Source source(std::int64_t seed) const { return Source(seed, static_cast<float>(recipe_.contrast)); }
  bool has_frozen() const { return recipe_.frozen_frames > 0; }

  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    const Lines lines = lines_of(recipe_, window);
    for (std::int64_t t = begin; t < end;) {
      const SourceRun run = run_at(t, end);
      const auto piece = out.subspan(static_cast<std::size_t>((t - begin) * window.pixels()),
                                     static_cast<std::size_t>(run.length * window.pixels()));
      read_run(run, lines, piece, window.pixels());
      t += run.length;
    }
  }

  /// Displayed frames that follow each other in one stream, from `first` of that stream on.
  struct SourceRun {
    bool frozen;
    std::int64_t first, length;
  };

  SourceRun run_at(std::int64_t t, std::int64_t end) const {
    if (!has_frozen()) return {false, t, end - t};
    const std::int64_t period = recipe_.running_frames + recipe_.frozen_frames;
    const std::int64_t within = t % period;
    if (within >= recipe_.running_frames) {
      return {true, within - recipe_.running_frames, std::min(end - t, period - within)};
    }
    return {false, t / period * recipe_.running_frames + within, std::min(end - t, recipe_.running_frames - within)};
  }

  void read_run(const SourceRun& run, const Lines& lines, std::span<float> out, std::int64_t frame_step) const {
    auto* stream = run.frozen ? (frozen_ ? &*frozen_ : nullptr) : &running_;
    if (stream == nullptr) {
      std::fill(out.begin(), out.end(), 0.0f);  // what was shown is not known
    } else {
      float* to = out.data();
      stream->for_frames(run.first, run.first + run.length, [&](Source& source, std::int64_t) {
        take_frame(source, lines, to);
        to += frame_step;
      });
    }
  }

  Ran1Recipe recipe_;
  mutable FrameStream<Source> running_;
  mutable std::optional<FrameStream<Source>> frozen_;
};

class BinaryRan1 final : public Ran1Stimulus<BinarySource, BinaryReplay> {
 public:
  using Ran1Stimulus::Ran1Stimulus;

  void read_signs(std::int64_t frame, std::span<std::uint64_t> out) const override {
    const SourceRun run = run_at(frame, frame + 1);
    auto* stream = run.frozen ? (frozen_ ? &*frozen_ : nullptr) : &running_;
    if (stream == nullptr) throw InternalError("the signs of a frozen block that is not known");
    const std::int64_t values = recipe_.height * recipe_.width;
    stream->for_frames(run.first, run.first + 1, [&](BinarySource& source, std::int64_t) {
      BinarySource local = source;  // a local copy stays in registers
      for (std::int64_t i = 0; i < values; i += 64) {
        std::uint64_t word = 0;
        const auto bits = std::min<std::int64_t>(64, values - i);
        for (std::int64_t k = 0; k < bits; ++k) word |= static_cast<std::uint64_t>(local.next_is_high()) << k;
        out[static_cast<std::size_t>(i / 64)] = word;
      }
      source = local;
    });
  }
};

}  // namespace

std::unique_ptr<BinaryReplay> binary_replay(const Ran1Recipe& recipe) {
  if (recipe.values != NoiseValues::binary) throw InternalError("no binary replay");
  return std::make_unique<BinaryRan1>(recipe);
}

std::unique_ptr<Stimulus> ran1_stimulus(const Ran1Recipe& recipe) {
  if (recipe.values == NoiseValues::binary) return binary_replay(recipe);
  return std::make_unique<Ran1Stimulus<GaussianSource>>(recipe);
}

}  // namespace plexiform
