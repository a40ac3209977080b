#include "plexiform/subunits/movie.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

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

std::int64_t block_length(const std::vector<Stretch>& stretches, std::int64_t lags) {
  std::int64_t frames = 0;
  for (const auto& s : stretches) frames += s.used.size();
  const auto usual = std::min(thresholds::kLongBlock, frames / thresholds::kLeastBlocks);
  return std::max({usual, thresholds::kBlockFilters * lags, std::int64_t{1}});
}

/// A block that is to be read.
struct Piece {
  Chunk chunk;
  std::int64_t used_end = 0;  ///< bins from here on are between two stretches
  bool validation = false;
};

std::vector<Piece> pieces_of(const Recording& recording, const std::vector<Stretch>& stretches, std::int64_t longest) {
  std::vector<Piece> pieces;
  for (const auto& stretch : stretches)
    for (const auto& chunk : make_chunks(recording, std::span(&stretch.seen, 1), longest))
      pieces.push_back({chunk, stretch.used.end, stretch.validation});
  return pieces;
}

/// Blocks one after the other, with the counts and what is used of them.
void lay_out(Movie& movie, const Recording& recording, std::span<const Piece> pieces,
             std::span<const std::int32_t> of) {
  std::int64_t next = -1;
  for (const auto& piece : pieces) {
    const Chunk& chunk = piece.chunk;
    const bool continues =
        next == chunk.first_bin && &segment_of(recording, next - 1) == &segment_of(recording, chunk.first_bin);
    const std::size_t begin = movie.counts.size();
    movie.blocks.push_back(
        {begin, static_cast<std::size_t>(chunk.length), chunk.first_bin, piece.validation, continues});
    next = chunk.first_bin + chunk.length;
    movie.counts.resize(begin + row_length(movie.blocks.back().length), 0);
    movie.use.resize(movie.counts.size(), 0);
    for (auto bin = chunk.first_bin; bin < std::min(next, piece.used_end); ++bin) {
      const auto t = begin + static_cast<std::size_t>(bin - chunk.first_bin);
      movie.use[t] = 1;
      movie.counts[t] = static_cast<float>(of[static_cast<std::size_t>(bin)]);
    }
  }
}

/// Frames of a window, [frame, channel * pixel].
std::vector<float> frames_of(const Recording& recording, const Window& window, std::int64_t begin, std::int64_t end) {
  std::vector<float> frames(
      static_cast<std::size_t>((end - begin) * recording.stimulus->shape().channels * window.pixels()));
  recording.stimulus->read(begin, end, window, frames);
  return frames;
}

/// Standard deviation of the stimulus about 0 in a window, from blocks spread over the recording.
double contrast_of(const Recording& recording, const Window& window, std::span<const Piece> pieces) {
  const auto looked_at = std::min(pieces.size(), thresholds::kContrastBlocks);
  double sum = 0, values = 0;
  float least = std::numeric_limits<float>::infinity(), most = -least;
  for (std::size_t i = 0; i < looked_at; ++i) {
    const Chunk& chunk = pieces[i * pieces.size() / looked_at].chunk;
    const auto read = frames_of(recording, window, chunk.first_frame, chunk.first_frame + chunk.length);
    for (const float v : read) sum += static_cast<double>(v) * v;
    values += static_cast<double>(read.size());
    const auto [low, high] = std::ranges::minmax(read);
    least = std::min(least, low), most = std::max(most, high);
  }
  if (!(least < most)) throw Error(ErrorKind::data, "the stimulus does not vary in the cell's window");
  return std::sqrt(sum / values);
}

/// A block with its history as rows, in units of the contrast; `beyond` fills what rows are longer: [channel * pixel,
/// frame].
std::vector<float> rows_of(const Recording& recording, const Window& window, const Chunk& chunk, const Movie& movie,
                           float beyond) {
  const auto read =
      frames_of(recording, window, chunk.first_frame - (movie.lags - 1), chunk.first_frame + chunk.length);
  const auto up = static_cast<float>(1 / movie.contrast);
  const std::size_t series = movie.series(), stride = movie.stride();
  std::vector<float> rows(series * stride, beyond);
  for (std::size_t t = 0; t * series < read.size(); ++t)
    for (std::size_t p = 0; p < series; ++p) rows[p * stride + t] = up * read[t * series + p];
  return rows;
}

}  // namespace

KeptBlocks::KeptBlocks(std::size_t size, float sign, std::size_t memory_bytes)
    : size_(size), memory_left_(memory_bytes), sign_(sign), file_(std::make_shared<ScratchFile>()) {}

void KeptBlocks::add(std::vector<float> block) {
  Kept& kept = kept_.emplace_back();
  const std::size_t bytes = size_ * sizeof(float);
  if (std::ranges::all_of(block, [&](float v) { return v == sign_ || v == -sign_; })) {
    kept.bits.assign(size_ / kRowLanes, 0);
    for (std::size_t i = 0; i < size_; ++i)
      if (block[i] > 0) kept.bits[i / kRowLanes] |= static_cast<std::uint16_t>(1U << (i % kRowLanes));
  } else if (bytes <= memory_left_) {
    memory_left_ -= bytes;
    kept.values = std::move(block);
  } else {
    kept.at = file_->append(std::as_bytes(std::span(block)));
  }
}

const float* KeptBlocks::at(std::size_t block, Buffer& space) const {
  const Kept& kept = kept_[block];
  if (!kept.values.empty()) return kept.values.data();
  float* out = space.at_least(size_);
  if (kept.bits.empty())
    file_->read(kept.at, std::as_writable_bytes(std::span(out, size_)));
  else
    kernels::sign_rows(kept.bits.data(), kept.bits.size(), sign_, out);
  return out;
}

double Movie::frames() const {
  return std::accumulate(use.begin(), use.end(), 0.0);
}

double Movie::spikes() const {
  return std::accumulate(counts.begin(), counts.end(), 0.0);
}

Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                 const Split& split, const Context& context) {
  require_lags(split, lags);
  const auto stretches = stretches_of(recording, split);
  const auto pieces = pieces_of(recording, stretches, block_length(stretches, lags));
  if (pieces.empty()) throw Error(ErrorKind::data, "no frame is left to reveal subunits from");
  Movie movie;
  movie.height = window.height, movie.width = window.width;
  movie.channels = recording.stimulus->shape().channels, movie.lags = lags;
  lay_out(movie, recording, pieces, recording.counts.row(cell));
  movie.contrast = contrast_of(recording, window, pieces);
  const auto longest = std::ranges::max_element(movie.blocks, {}, &Block::length)->length;
  movie.stride_ = row_length(row_length(longest) + static_cast<std::size_t>(lags - 1));
  const Chunk& start = pieces.front().chunk;
  const float first = frames_of(recording, window, start.first_frame, start.first_frame + 1).front();
  const float sign = std::abs(first) * static_cast<float>(1 / movie.contrast);
  movie.kept_ = KeptBlocks(movie.series() * movie.stride_, sign, context.memory_bytes);
  // Several blocks are read side by side, and kept in their order.
  const auto wave = static_cast<std::size_t>(threads_of(context)) * 4;
  for (std::size_t begin = 0; begin < pieces.size(); begin += wave) {
    std::vector<std::vector<float>> rows(std::min(wave, pieces.size() - begin));
    parallel_for(static_cast<std::int64_t>(rows.size()), threads_of(context), [&](std::int64_t from, std::int64_t to) {
      for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
        check_stop(context);
        rows[i] = rows_of(recording, window, pieces[begin + i].chunk, movie, sign);
      }
    });
    for (auto& block : rows) movie.kept_.add(std::move(block));
  }
  return movie;
}

}  // namespace plexiform::reveal
