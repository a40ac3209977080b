#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/scratch_file.hpp"
#include "plexiform/compute/buffer.hpp"
#include "plexiform/recording/chunks.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"
#include "plexiform/stimulus/stimulus.hpp"

namespace plexiform::reveal {

/// A block of time: frames [begin, begin + length) of the movie's frame arrays, which are padded so that each block
/// begins at a multiple of kRowLanes.
struct Block {
  std::size_t begin = 0, length = 0;
  std::int64_t first_bin = 0;  ///< of the recording
  bool validation = false;
  bool continues = false;  ///< its first frame follows the last one of the block before
};

/// Equally long blocks of floats, in as little memory as they can be: bits where all of a block are one of two values,
/// floats as far as memory goes, the rest in a scratch file.
class KeptBlocks {
 public:
  KeptBlocks() = default;
  /// Blocks of `size` floats, a multiple of kRowLanes; those of +-`sign` alone become bits. The others may take so many
  /// bytes of memory.
  KeptBlocks(std::size_t size, float sign, std::size_t memory_bytes);
  void add(std::vector<float> block);
  /// In `space`, one for each thread, or where it is kept.
  const float* at(std::size_t block, Buffer& space) const;
  /// Blocks [begin, end) alone; what is kept is shared.
  KeptBlocks part(std::size_t begin, std::size_t end) const;

 private:
  struct Kept {
    std::vector<std::uint16_t> bits;  ///< [size / 16]
    std::vector<float> values;        ///< [size]
    std::int64_t at = -1;             ///< place in the scratch file
  };
  std::size_t size_ = 0, memory_left_ = 0;
  float sign_ = 1;
  std::vector<std::shared_ptr<const Kept>> kept_;
  std::shared_ptr<ScratchFile> file_;
};

/// What a cell's subunits see: the movie of a window in blocks of time, pixels as rows of frames, and the counts beside
/// it. Training and validation blocks only, with the frames between them (whose counts are not used): a test block
/// never gets here. Contrast is in units of its own standard deviation.
class Movie {
 public:
  std::int64_t height = 0, width = 0;  ///< of the window, pixels
  std::int64_t channels = 1, lags = 0;
  double contrast = 1;  ///< standard deviation of the stimulus in the window
  std::vector<Block> blocks;
  std::vector<float> counts;  ///< [padded frame], 0 where not used
  std::vector<float> use;     ///< [padded frame], 1 where the count is used, else 0

  std::size_t pixels() const { return static_cast<std::size_t>(height * width); }
  std::size_t series() const { return pixels() * static_cast<std::size_t>(channels); }
  /// Floats from one pixel's row to the next.
  std::size_t stride() const { return stride_; }
  std::size_t padded_frames() const { return counts.size(); }
  double frames() const;  ///< that are used
  double spikes() const;
  double mean_count() const { return spikes() / frames(); }

  /// Rows [channel * pixel][frame] of a block, the first lags - 1 frames its history; in `space`, one for each thread,
  /// or where they are kept. Row p begins at p * stride().
  const float* rows(std::size_t block, Buffer& space) const { return kept_.at(block, space); }

  friend Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                          const Split& split, const Context& context);
  friend Movie movie_of(const Stimulus& stimulus, const Window& window, std::int64_t lags,
                        std::span<const Chunk> chunks, const Context& context);
  friend Movie part_of(const Movie& movie, std::size_t begin, std::size_t end);

 private:
  /// Reads what the blocks see; chunks [block].
  void keep(const Stimulus& stimulus, const Window& window, std::span<const Chunk> chunks, const Context& context);

  std::size_t stride_ = 0;
  KeptBlocks kept_;  ///< [row, frame] each
};

/// The movie of a cell. `lags`: frames that a subunit looks back, the frame itself included. Throws Error{data} if the
/// history of a frame is not in the stimulus, or the stimulus does not vary in the window, Error{usage} for more lags
/// than the split was made for; Interrupted on a stop request. The same bits on any number of threads.
Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                 const Split& split, const Context& context = {});

/// Blocks [begin, end) of a movie alone.
Movie part_of(const Movie& movie, std::size_t begin, std::size_t end);

/// Frames to predict, in chunks, without counts and in the stimulus' own contrast: all are used. What a frame's history
/// would reach before the first frame of the stimulus counts as 0. Throws InternalError without a chunk, Interrupted.
Movie movie_of(const Stimulus& stimulus, const Window& window, std::int64_t lags, std::span<const Chunk> chunks,
               const Context& context = {});

}  // namespace plexiform::reveal
