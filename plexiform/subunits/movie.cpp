#include "plexiform/subunits/movie.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/compute/rows.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/subunits/thresholds.hpp"

namespace plexiform::reveal {
namespace {

struct Stretch {
  Range used, seen;  ///< bins; seen reaches to the next stretch where the gap is short
  bool validation = false;
};

const Segment& segment_of(const Recording& recording, std::int64_t bin) {
  const auto after = std::upper_bound(recording.segments.begin(), recording.segments.end(), bin,
                                      [](std::int64_t b, const Segment& s) { return b < s.start; });
  return *(after - 1);
}

/// Training and validation in the order of time. The bins between two of them belong to the first: their stimulus is
/// known, and what depends on the past runs on.
std::vector<Stretch> stretches_of(const Recording& recording, const Split& split) {
  std::vector<Stretch> all;
  for (const auto& r : split.train()) all.push_back({r, r, false});
  for (const auto& r : split.validation()) all.push_back({r, r, true});
  std::ranges::sort(all, {}, [](const Stretch& s) { return s.used.begin; });
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const auto next = all[i + 1].used.begin;
    const bool one_segment = &segment_of(recording, next) == &segment_of(recording, all[i].used.begin);
    if (one_segment && next - all[i].used.end <= 2 * split.lags()) all[i].seen.end = next;
  }
  return all;
}

std::size_t block_length(const std::vector<Stretch>& stretches, std::int64_t lags) {
  std::int64_t frames = 0;
  for (const auto& s : stretches) frames += s.used.size();
  const auto usual = std::min(thresholds::kLongBlock, frames / thresholds::kLeastBlocks);
  return static_cast<std::size_t>(std::max({usual, thresholds::kBlockFilters * lags, std::int64_t{1}}));
}

/// Standard deviation of the stimulus about 0 in a window, from blocks spread over the recording.
double contrast_of(const Recording& recording, const Window& window, std::span<const std::int64_t> first_frame,
                   std::span<const Block> blocks) {
  const auto looked_at = std::min(blocks.size(), thresholds::kContrastBlocks);
  double sum = 0, values = 0;
  for (std::size_t i = 0; i < looked_at; ++i) {
    const auto b = i * blocks.size() / looked_at;
    std::vector<float> read(blocks[b].length *
                            static_cast<std::size_t>(recording.stimulus->shape().channels * window.pixels()));
    recording.stimulus->read(first_frame[b], first_frame[b] + static_cast<std::int64_t>(blocks[b].length), window,
                             read);
    for (const float v : read) sum += static_cast<double>(v) * v;
    values += static_cast<double>(read.size());
  }
  if (!(sum > 0)) throw Error(ErrorKind::data, "the stimulus does not vary in the cell's window");
  return std::sqrt(sum / values);
}

/// The two values of a block all of whose values are one of them, or nothing: +-c.
bool are_signs(std::span<const float> values, float c) {
  return std::ranges::all_of(values, [&](float v) { return v == c || v == -c; });
}

}  // namespace

double Movie::frames() const {
  return std::accumulate(use.begin(), use.end(), 0.0);
}

double Movie::spikes() const {
  return std::accumulate(counts.begin(), counts.end(), 0.0);
}

const float* Movie::rows(std::size_t block, Buffer& space) const {
  const Kept& kept = kept_[block];
  if (!kept.values.empty()) return kept.values.data();
  float* out = space.at_least(series() * stride_);
  if (kept.bits.empty()) {
    file_->read(kept.at, std::as_writable_bytes(std::span(out, series() * stride_)));
    return out;
  }
  kernels::sign_rows(kept.bits.data(), kept.bits.size(), scale_, out);
  return out;
}

Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                 const Split& split, const Context& context) {
  const auto stretches = stretches_of(recording, split);
  const std::size_t longest = block_length(stretches, lags);
  Movie movie;
  movie.height = window.height, movie.width = window.width;
  movie.channels = recording.stimulus->shape().channels, movie.lags = lags;
  const auto history = static_cast<std::size_t>(lags - 1);
  std::vector<std::int64_t> first_frame;
  std::size_t at = 0, most = 0;
  const auto cell_counts = recording.counts.row(cell);
  for (std::size_t s = 0; s < stretches.size(); ++s) {
    const Range seen[] = {stretches[s].seen};
    for (const auto& chunk : make_chunks(recording, seen, static_cast<std::int64_t>(longest))) {
      const bool continues =
          !movie.blocks.empty() &&
          movie.blocks.back().first_bin + static_cast<std::int64_t>(movie.blocks.back().length) == chunk.first_bin &&
          &segment_of(recording, movie.blocks.back().first_bin) == &segment_of(recording, chunk.first_bin);
      const auto length = static_cast<std::size_t>(chunk.length);
      movie.blocks.push_back({at, length, chunk.first_bin, stretches[s].validation, continues});
      first_frame.push_back(chunk.first_frame);
      movie.counts.resize(at + row_length(length), 0);
      movie.use.resize(at + row_length(length), 0);
      for (std::size_t t = 0; t < length; ++t) {
        const auto bin = chunk.first_bin + static_cast<std::int64_t>(t);
        if (bin >= stretches[s].used.end) break;
        movie.use[at + t] = 1;
        movie.counts[at + t] = static_cast<float>(cell_counts[static_cast<std::size_t>(bin)]);
      }
      at += row_length(length), most = std::max(most, length);
    }
  }
  if (movie.blocks.empty()) throw Error(ErrorKind::data, "no frame is left to reveal subunits from");
  movie.stride_ = row_length(row_length(most) + history);
  movie.kept_.resize(movie.blocks.size());
  movie.file_ = std::make_shared<ScratchFile>();
  // Read and keep: bits where the stimulus has two values, values in memory as far as it goes, the rest in a file.
  const auto channels = static_cast<std::size_t>(movie.channels), pixels = movie.pixels();
  std::vector<char> signs(movie.blocks.size());
  movie.contrast = contrast_of(recording, window, first_frame, movie.blocks);
  const auto up = static_cast<float>(1 / movie.contrast);
  const float first = [&] {
    std::vector<float> frame(pixels * channels);
    recording.stimulus->read(first_frame[0], first_frame[0] + 1, window, frame);
    return std::abs(frame[0]) * up;
  }();
  const auto as_rows = [&](std::size_t b) {
    const auto begin = first_frame[b] - (lags - 1),
               end = first_frame[b] + static_cast<std::int64_t>(movie.blocks[b].length);
    const auto frames = static_cast<std::size_t>(end - begin);
    std::vector<float> read(frames * channels * pixels), rows(movie.series() * movie.stride_, first);
    recording.stimulus->read(begin, end, window, read);
    for (float& v : read) v *= up;
    signs[b] = are_signs(read, first) ? 1 : 0;
    for (std::size_t t = 0; t < frames; ++t)
      for (std::size_t p = 0; p < channels * pixels; ++p) rows[p * movie.stride_ + t] = read[t * channels * pixels + p];
    if (signs[b] == 0)
      for (std::size_t p = 0; p < channels * pixels; ++p)
        std::fill_n(rows.begin() + static_cast<std::ptrdiff_t>(p * movie.stride_ + frames), movie.stride_ - frames,
                    0.0F);
    return rows;
  };
  std::size_t left = context.memory_bytes;
  const auto wave = static_cast<std::size_t>(std::max(threads_of(context), 1)) * 4;
  for (std::size_t begin = 0; begin < movie.blocks.size(); begin += wave) {
    const auto end = std::min(begin + wave, movie.blocks.size());
    std::vector<std::vector<float>> rows(end - begin);
    parallel_for(static_cast<std::int64_t>(end - begin), threads_of(context), [&](std::int64_t from, std::int64_t to) {
      for (auto i = from; i < to; ++i) {
        check_stop(context);
        rows[static_cast<std::size_t>(i)] = as_rows(begin + static_cast<std::size_t>(i));
      }
    });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Movie::Kept& kept = movie.kept_[begin + i];
      if (signs[begin + i] != 0) {
        kept.bits.assign(rows[i].size() / kRowLanes, 0);
        for (std::size_t v = 0; v < rows[i].size(); ++v)
          if (rows[i][v] > 0) kept.bits[v / kRowLanes] |= static_cast<std::uint16_t>(1U << (v % kRowLanes));
      } else if (rows[i].size() * sizeof(float) <= left) {
        left -= rows[i].size() * sizeof(float);
        kept.values = std::move(rows[i]);
      } else {
        kept.at = movie.file_->append(std::as_bytes(std::span(rows[i])));
      }
    }
  }
  movie.scale_ = first;
  return movie;
}

}  // namespace plexiform::reveal
