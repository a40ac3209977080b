#include "plexiform/recording/cut.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/recording/thresholds.hpp"

namespace plexiform {

std::vector<std::int64_t> counted_frames(const Recording& recording) {
  auto frames = displayed_frames(recording);
  std::sort(frames.begin(), frames.end());
  frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
  return frames;
}

std::int64_t usual_test_frames(const Recording& recording) {
  return static_cast<std::int64_t>(counted_frames(recording).size()) / thresholds::recording::kTestParts;
}

Recording cut_recording(const Recording& recording, double share, std::int64_t test_frames) {
  const auto frames = counted_frames(recording);
  const auto before = static_cast<std::int64_t>(frames.size()) - test_frames;
  const auto kept = std::llround(share * static_cast<double>(before));
  if (kept < 1)
    throw Error(ErrorKind::data,
                "a share of " + number_text(share) + " of " + counted(before, "frame") + " leaves nothing to train on");
  const std::int64_t end = frames[static_cast<std::size_t>(kept - 1)] + 1;
  const std::int64_t test = test_frames == 0 ? frames.back() + 1 : frames[static_cast<std::size_t>(before)];
  Recording cut = recording;
  cut.segments.clear();
  cut.record.reset();
  std::vector<Range> bins;
  std::int64_t total = 0;
  const auto keep = [&](const Segment& s, std::int64_t first, std::int64_t last) {  // displayed frames
    first = std::max(first, s.first_frame);
    last = std::min(last, s.first_frame + s.length);
    if (first >= last) return;
    const std::int64_t begin = s.start + first - s.first_frame;
    bins.push_back({begin, begin + last - first});
    cut.segments.push_back({total, last - first, first, s.history_begin, s.repeat});
    total += last - first;
  };
  for (const auto& s : recording.segments) {
    if (end >= test) {
      keep(s, s.first_frame, s.first_frame + s.length);
      continue;
    }
    keep(s, std::min(s.first_frame, end), end);
    keep(s, test, s.first_frame + s.length);
  }
  cut.counts = NdArray<std::int32_t>({recording.cells(), total});
  for (std::int64_t cell = 0; cell < recording.cells(); ++cell) {
    auto to = cut.counts.row(cell).begin();
    const auto row = recording.counts.row(cell);
    for (const auto& range : bins) to = std::copy(row.begin() + range.begin, row.begin() + range.end, to);
  }
  cut.source += "; cut to a share of " + number_text(share) + " of the frames before the test block";
  validate(cut);
  return cut;
}

}  // namespace plexiform
