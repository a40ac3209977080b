#include "plexiform/reveal/movie.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/compute/rows.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/reveal/thresholds.hpp"

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
std::vector<float> frames_of(const Stimulus& stimulus, const Window& window, std::int64_t begin, std::int64_t end) {
  std::vector<float> frames(static_cast<std::size_t>((end - begin) * stimulus.shape().channels * window.pixels()));
  stimulus.read(begin, end, window, frames);
  return frames;
}

/// Standard deviation of the stimulus about 0 in a window, from blocks spread over the recording.
double contrast_of(const Stimulus& stimulus, const Window& window, std::span<const Piece> pieces) {
  const auto looked_at = std::min(pieces.size(), thresholds::kContrastBlocks);
  double sum = 0, values = 0;
  float least = std::numeric_limits<float>::infinity(), most = -least;
  for (std::size_t i = 0; i < looked_at; ++i) {
    const Chunk& chunk = pieces[i * pieces.size() / looked_at].chunk;
    const auto read = frames_of(stimulus, window, chunk.first_frame, chunk.first_frame + chunk.length);
    for (const float v : read) sum += static_cast<double>(v) * v;
    values += static_cast<double>(read.size());
    const auto [low, high] = std::ranges::minmax(read);
    least = std::min(least, low), most = std::max(most, high);
  }
  if (!(least < most)) throw Error(ErrorKind::data, "the stimulus does not vary in the cell's window");
  return std::sqrt(sum / values);
}

/// A block with its history as rows, in units of the contrast; `beyond` fills what rows are longer, and frames before
/// the first one are 0: [channel * pixel, frame].
std::vector<float> rows_of(const Stimulus& stimulus, const Window& window, const Chunk& chunk, const Movie& movie,
                           float beyond) {
  const std::int64_t first = chunk.first_frame - (movie.lags - 1), begin = std::max<std::int64_t>(first, 0);
  const auto read = frames_of(stimulus, window, begin, chunk.first_frame + chunk.length);
  const auto up = static_cast<float>(1 / movie.contrast);
  const std::size_t series = movie.series(), stride = movie.stride(), skipped = static_cast<std::size_t>(begin - first);
  std::vector<float> rows(series * stride, beyond);
  for (std::size_t p = 0; p < series; ++p)
    std::fill_n(rows.begin() + static_cast<std::ptrdiff_t>(p * stride), skipped, 0.0F);
  for (std::size_t t = 0; t * series < read.size(); ++t)
    for (std::size_t p = 0; p < series; ++p) rows[p * stride + skipped + t] = up * read[t * series + p];
  return rows;
}

}  // namespace

KeptBlocks::KeptBlocks(std::size_t size, float sign, std::size_t memory_bytes)
    : size_(size), memory_left_(memory_bytes), sign_(sign), file_(std::make_shared<ScratchFile>()) {}

void KeptBlocks::add(std::vector<float> block) {
  Kept kept;
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
  kept_.push_back(std::make_shared<const Kept>(std::move(kept)));
}

KeptBlocks KeptBlocks::part(std::size_t begin, std::size_t end) const {
  KeptBlocks some = *this;
  some.kept_.assign(kept_.begin() + static_cast<std::ptrdiff_t>(begin),
                    kept_.begin() + static_cast<std::ptrdiff_t>(end));
  return some;
}

const float* KeptBlocks::at(std::size_t block, Buffer& space) const {
  const Kept& kept = *kept_[block];
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

void Movie::keep(const Stimulus& stimulus, const Window& window, std::span<const Chunk> chunks,
                 const Context& context) {
  const auto longest = std::ranges::max_element(blocks, {}, &Block::length)->length;
  stride_ = row_length(row_length(longest) + static_cast<std::size_t>(lags - 1));
  const std::int64_t start = chunks.front().first_frame;
  const float first = frames_of(stimulus, window, start, start + 1).front();
  const float sign = std::abs(first) * static_cast<float>(1 / contrast);
  kept_ = KeptBlocks(series() * stride_, sign, context.memory_bytes);
  // Several blocks are read side by side, and kept in their order.
  const auto wave = static_cast<std::size_t>(threads_of(context)) * 4;
  for (std::size_t begin = 0; begin < chunks.size(); begin += wave) {
    std::vector<std::vector<float>> rows(std::min(wave, chunks.size() - begin));
    parallel_for(static_cast<std::int64_t>(rows.size()), threads_of(context), [&](std::int64_t from, std::int64_t to) {
      for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
        check_stop(context);
        rows[i] = rows_of(stimulus, window, chunks[begin + i], *this, sign);
      }
    });
    for (auto& block : rows) kept_.add(std::move(block));
  }
}

Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                 const Split& split, const Context& context) {
  require_lags(split, lags);
  const auto stretches = stretches_of(recording, split);
  const auto pieces = pieces_of(recording, stretches, block_length(stretches, lags));
  if (pieces.empty()) throw Error(ErrorKind::data, "no frame is left to reveal subunits from");
  for (const auto& piece : pieces)
    if (piece.chunk.first_frame < lags - 1)
      throw Error(ErrorKind::data, "the history of frame " + std::to_string(piece.chunk.first_frame) +
                                       " is not in the stimulus: subunits look back " + std::to_string(lags) +
                                       " frames");
  Movie movie;
  movie.height = window.height, movie.width = window.width;
  movie.channels = recording.stimulus->shape().channels, movie.lags = lags;
  lay_out(movie, recording, pieces, recording.counts.row(cell));
  movie.contrast = contrast_of(*recording.stimulus, window, pieces);
  std::vector<Chunk> chunks;
  for (const auto& piece : pieces) chunks.push_back(piece.chunk);
  movie.keep(*recording.stimulus, window, chunks, context);
  return movie;
}

Movie movie_of(const Stimulus& stimulus, const Window& window, std::int64_t lags, std::span<const Chunk> chunks,
               const Context& context) {
  if (chunks.empty()) throw InternalError("movie_of: no chunk");
  Movie movie;
  movie.height = window.height, movie.width = window.width;
  movie.channels = stimulus.shape().channels, movie.lags = lags;
  const std::vector<Chunk> pieces = cut_chunks(chunks, thresholds::kLongBlock);
  std::int64_t next = -1;
  for (const auto& piece : pieces) {
    const std::size_t begin = movie.counts.size(), length = static_cast<std::size_t>(piece.length);
    movie.blocks.push_back({begin, length, piece.first_bin, false, piece.first_frame == next});
    next = piece.first_frame + piece.length;
    movie.counts.resize(begin + row_length(length), 0);
    movie.use.resize(movie.counts.size(), 0);
    std::fill_n(movie.use.begin() + static_cast<std::ptrdiff_t>(begin), length, 1.0F);
  }
  movie.keep(stimulus, window, pieces, context);
  return movie;
}

Movie part_of(const Movie& movie, std::size_t begin, std::size_t end) {
  Movie part = movie;
  part.blocks.assign(movie.blocks.begin() + static_cast<std::ptrdiff_t>(begin),
                     movie.blocks.begin() + static_cast<std::ptrdiff_t>(end));
  const std::size_t first = part.blocks.front().begin,
                    last = part.blocks.back().begin + row_length(part.blocks.back().length);
  const auto cut = [&](const std::vector<float>& all) {
    return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(first),
                              all.begin() + static_cast<std::ptrdiff_t>(last));
  };
  part.counts = cut(movie.counts), part.use = cut(movie.use);
  for (auto& block : part.blocks) block.begin -= first;
  part.blocks.front().continues = false;
  part.kept_ = movie.kept_.part(begin, end);
  return part;
}

}  // namespace plexiform::reveal
