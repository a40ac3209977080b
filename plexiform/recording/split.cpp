#include "plexiform/recording/split.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace {

enum class Part : std::int8_t { train, validation, test };

/// Of `n` frames.
Range test_range(std::int64_t n, const TestBlock& test) {
  if (test.parts > 0) return {n * (test.part - 1) / test.parts, n * test.part / test.parts};
  return {n - test.frames.value_or(n / thresholds::recording::kTestParts), n};
}

/// Labels the sorted displayed frames that have counts, `n` of them.
std::vector<Part> label_frames(std::int64_t n, double per_second, const SplitSettings& settings) {
  const Range test = test_range(n, settings.test);
  if (test.begin < 0 || test.size() >= n)
    throw Error(ErrorKind::data,
                "a test block of " + counted(settings.test.frames.value_or(n), "frame") + " leaves nothing of the " +
                    grouped(n) + " frames that have counts to train on",
                "choose a shorter one")
        .mended_by("test");
  const std::int64_t rest = n - test.size();
  const std::int64_t length = std::max(
      {std::llround(settings.block_seconds * per_second), static_cast<long long>(settings.block_frames_min), 1LL});
  // A tail of less than half a block belongs to the block before it.
  const std::int64_t blocks = std::max<std::int64_t>((rest + length / 2) / length, 1);
  if (blocks < 2)
    throw Error(ErrorKind::data,
                "too little data: " + counted(rest, "frame") + " beside the test block make one block of " +
                    grouped(length) + ", expected two or more (one to validate on)",
                "use shorter blocks, a shorter test block, or more data");
  const std::int64_t every = settings.validation_every;
  const std::int64_t phase = std::min(every / 2, blocks / 2);
  std::vector<Part> labels(static_cast<std::size_t>(n), Part::test);
  for (std::int64_t i = 0; i < rest; ++i) {
    const std::int64_t block = std::min(i / length, blocks - 1), frame = i < test.begin ? i : i + test.size();
    labels[static_cast<std::size_t>(frame)] = block % every == phase ? Part::validation : Part::train;
  }
  return labels;
}

}  // namespace

void require_lags(const Split& split, std::int64_t lags) {
  if (lags > split.lags())
    throw Error(ErrorKind::usage,
                "the model has " + std::to_string(lags) + " lags, the split was made for " +
                    std::to_string(split.lags()) + ": test frames would train it",
                "make the split with the model's lags")
        .mended_by("lags", std::to_string(lags));
}

std::int64_t total(const std::vector<Range>& ranges) {
  std::int64_t sum = 0;
  for (const Range& range : ranges) sum += range.size();
  return sum;
}

Split make_split(const Recording& recording, const SplitSettings& settings) {
  if (settings.lags < 1)
    throw Error(ErrorKind::usage, "lags is " + std::to_string(settings.lags) + ", expected 1 or more");
  if (settings.validation_every < 2)
    throw Error(ErrorKind::usage, "validation_every is " + std::to_string(settings.validation_every) +
                                      ", expected 2 or more (one block in so many validates)");
  const TestBlock& test = settings.test;
  if (test.frames && *test.frames < 0)
    throw Error(ErrorKind::usage, "the test block has " + std::to_string(*test.frames) + " frames, expected 0 or more");
  if ((test.part != 0 || test.parts != 0) && (test.parts < 2 || test.part < 1 || test.part > test.parts))
    throw Error(ErrorKind::usage, "the test block is part " + std::to_string(test.part) + " of " +
                                      std::to_string(test.parts) +
                                      ", expected one of two or more parts, counted from 1");
  if (!(settings.block_seconds >= 0) || !std::isfinite(settings.block_seconds * bins_per_second(recording)))
    throw Error(ErrorKind::usage,
                "block_seconds is " + std::to_string(settings.block_seconds) + ", expected 0 or more");

  if (recording.kind == RecordingKind::flashed)
    throw Error(ErrorKind::data, "the recording is of flashed images, each without a history, expected a movie",
                "fit models of still images to it");

  std::vector<std::int64_t> frames = displayed_frames(recording);
  std::sort(frames.begin(), frames.end());
  frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
  const auto n = static_cast<std::int64_t>(frames.size());
  if (test.parts > n)
    throw Error(ErrorKind::data,
                counted(n, "frame") + " with counts cannot be cut into " + grouped(test.parts) + " parts to test on");
  std::vector<Part> labels = label_frames(n, bins_per_second(recording), settings);

  // Bins of one displayed frame stay together.
  const std::int64_t together = recording.bin.bins_per_frame;
  for (std::size_t i = 1; i < frames.size(); ++i)
    if (frames[i] / together == frames[i - 1] / together) labels[i] = labels[i - 1];

  // The last frame before each one that belongs to another part; a history must not reach it.
  std::vector<std::int64_t> foreign(frames.size(), -1);
  for (std::size_t i = 1; i < frames.size(); ++i)
    foreign[i] = labels[i] == labels[i - 1] ? foreign[i - 1] : frames[i - 1];

  Split split;
  split.settings_ = settings;
  const auto list = [&](Part part) -> std::vector<Range>& {
    return part == Part::train ? split.train_ : part == Part::validation ? split.validation_ : split.test_;
  };
  const std::vector<Range> known = bins_with_history(recording, settings.lags);
  std::size_t at = 0;  // of `known`, which holds at most one range a segment, in order
  for (const Segment& segment : recording.segments) {
    if (at == known.size() || known[at].begin >= segment.start + segment.length) continue;
    const Range bins = known[at++];
    bool open = false;  // the range being built; it never crosses a border of segments
    Part last = Part::train;
    for (std::int64_t bin = bins.begin; bin < bins.end; ++bin) {
      const std::int64_t frame = segment.first_frame + (bin - segment.start);
      const auto i = static_cast<std::size_t>(std::lower_bound(frames.begin(), frames.end(), frame) - frames.begin());
      const bool usable = frame - (settings.lags - 1) > foreign[i];
      if (!usable) {
        open = false;
        continue;
      }
      std::vector<Range>& ranges = list(labels[i]);
      if (open && last == labels[i])
        ++ranges.back().end;
      else
        ranges.push_back({bin, bin + 1});
      open = true;
      last = labels[i];
    }
  }
  const auto need = [&](const std::vector<Range>& ranges, const std::string& what) {
    if (!ranges.empty()) return;
    throw Error(ErrorKind::data,
                "no frame is left to " + what + ": each needs a known history of " + counted(settings.lags, "frame") +
                    ", and the recording has " + counted(recording.bins(), "count") + " in " +
                    counted(static_cast<std::int64_t>(recording.segments.size()), "segment"),
                test.parts > 0 ? "use fewer lags, longer blocks or fewer parts" : "use fewer lags or longer blocks");
  };
  need(split.train_, "train on");
  need(split.validation_, "validate on");
  if (test_range(n, test).size() > 0) need(split.test_, "test on");
  return split;
}

}  // namespace plexiform
