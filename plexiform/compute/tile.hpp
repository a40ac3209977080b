#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace plexiform {

/// Lanes of a movie that lie side by side in a tile. A vector register holds the same frame of several of them, so
/// every kernel below works without moving data between lanes; 16 is the widest register of today.
inline constexpr std::size_t kLanes = 16;

/// The movie of up to kLanes lanes, runs of frames of equal length (shorter ones end in whatever follows; their weights
/// are 0 there), each with its history: `frames` = lane_frames + lags - 1. Where all values are -1 or 1 a bit says
/// which.
struct Tile {
  std::size_t frames = 0, pixels = 0;
  std::vector<std::uint16_t> bits;  ///< [frame, pixel], lane l in bit l; empty where `values` are kept
  std::vector<float> values;        ///< [frame, pixel, lane]

  std::size_t bytes() const { return bits.size() * sizeof(std::uint16_t) + values.size() * sizeof(float); }
};

/// Makes a tile lane by lane. Starts with bits, and turns to values at the first that is not a sign.
class TileBuilder {
 public:
  TileBuilder(std::size_t frames, std::size_t pixels)
      : tile_{frames, pixels, std::vector<std::uint16_t>(frames * pixels), {}} {}
  /// [frame, pixel], at most as many frames as the tile has; what follows is 1. Throws InternalError if there are
  /// more.
  void set_lane(std::size_t lane, std::span<const float> values);
  Tile take() { return std::move(tile_); }

 private:
  Tile tile_;
};

/// The values of one lane, [frame, pixel].
std::vector<float> lane_of(const Tile& tile, std::size_t lane);

/// Each lane's [frame, pixel] values, `frames` x `pixels` of them, or none for a lane that holds nothing (it gets the
/// values of lane 0). Throws InternalError if a lane has another size.
using Lanes = std::array<std::span<const float>, kLanes>;
Tile make_tile(std::size_t frames, std::size_t pixels, Lanes lanes);

/// A cell's responses to a tile: counts and weights [frame, lane] of the lanes without their history. Frames of
/// weight 0 count nowhere.
struct Targets {
  std::size_t frames = 0;
  std::vector<float> counts, weights;

  explicit Targets(std::size_t n) : frames(n), counts(n * kLanes, 0.0F), weights(n * kLanes, 0.0F) {}
};

}  // namespace plexiform
