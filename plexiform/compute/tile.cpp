#include "plexiform/compute/tile.hpp"

#include <algorithm>
#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

/// Values of all lanes that are moved together, so that they stay in the processor's cache.
constexpr std::size_t kTogether = 256;

bool is_sign(float v) {
  return v == 1.0F || v == -1.0F;
}

}  // namespace

void TileBuilder::set_lane(std::size_t lane, std::span<const float> values) {
  const std::size_t size = tile_.frames * tile_.pixels;
  if (values.size() > size || lane >= kLanes) throw InternalError("TileBuilder: a lane that does not fit");
  if (!tile_.bits.empty() && !std::all_of(values.begin(), values.end(), is_sign)) {
    tile_.values.resize(size * kLanes);
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t l = 0; l < kLanes; ++l)
        tile_.values[i * kLanes + l] = (tile_.bits[i] >> l & 1) != 0 ? 1.0F : -1.0F;
    tile_.bits = {};
  }
  for (std::size_t i = 0; i < size; ++i) {
    const float v = i < values.size() ? values[i] : 1.0F;
    if (tile_.bits.empty())
      tile_.values[i * kLanes + lane] = v;
    else
      tile_.bits[i] = static_cast<std::uint16_t>((tile_.bits[i] & ~(1U << lane)) | (v > 0 ? 1U << lane : 0U));
  }
}

std::vector<float> lane_of(const Tile& tile, std::size_t lane) {
  std::vector<float> values(tile.frames * tile.pixels);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = tile.bits.empty() ? tile.values[i * kLanes + lane] : (tile.bits[i] >> lane & 1) != 0 ? 1.0F : -1.0F;
  return values;
}

Tile make_tile(std::size_t frames, std::size_t pixels, Lanes lanes) {
  const std::size_t size = frames * pixels;
  bool signs = true;
  for (auto& values : lanes) {
    if (values.empty()) values = lanes[0];
    if (values.size() != size)
      throw InternalError("make_tile: a lane of " + std::to_string(values.size()) + " values, expected " +
                          std::to_string(size));
    signs = signs && std::all_of(values.begin(), values.end(), is_sign);
  }
  Tile tile{frames, pixels, {}, {}};
  if (signs)
    tile.bits.resize(size);
  else
    tile.values.resize(size * kLanes);
  for (std::size_t first = 0; first < size; first += kTogether)
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      for (std::size_t i = first; i < std::min(size, first + kTogether); ++i) {
        const float v = lanes[lane][i];
        if (signs)
          tile.bits[i] = static_cast<std::uint16_t>(tile.bits[i] | (v > 0 ? 1U << lane : 0U));
        else
          tile.values[i * kLanes + lane] = v;
      }
  return tile;
}

}  // namespace plexiform
