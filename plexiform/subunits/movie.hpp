#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "plexiform/base/context.hpp"
#include "plexiform/base/scratch_file.hpp"
#include "plexiform/compute/buffer.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/recording/split.hpp"

namespace plexiform::reveal {

/// A block of time: frames [begin, begin + length) of the movie's frame arrays, which are padded so that each block
/// begins at a multiple of kRowLanes.
struct Block {
  std::size_t begin = 0, length = 0;
  std::int64_t first_bin = 0;  ///< of the recording
  bool validation = false;
  bool continues = false;  ///< its first frame follows the last one of the block before
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
  const float* rows(std::size_t block, Buffer& space) const;

  friend Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                          const Split& split, const Context& context);

 private:
  struct Kept {
    std::vector<std::uint16_t> bits;  ///< [row, 16 frames]: where all values are one of two
    std::vector<float> values;        ///< [row, frame]
    std::int64_t at = -1;             ///< place in the scratch file, where the values do not fit into memory
  };
  std::size_t stride_ = 0;
  float scale_ = 1;  ///< of stored values, to units of the contrast
  std::vector<Kept> kept_;
  std::shared_ptr<ScratchFile> file_;
};

/// The movie of a cell. `lags`: frames that a subunit looks back, the frame itself included. Throws Error{data} if the
/// history of a frame is not in the stimulus, or the stimulus does not vary; Interrupted on a stop request. The same
/// bits on any number of threads.
Movie read_movie(const Recording& recording, std::int64_t cell, const Window& window, std::int64_t lags,
                 const Split& split, const Context& context = {});

}  // namespace plexiform::reveal
