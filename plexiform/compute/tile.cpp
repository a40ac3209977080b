#include "plexiform/compute/tile.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"

namespace plexiform {
namespace {

bool is_sign(float v) {
  return v == 1.0F || v == -1.0F;
}

}  // namespace

Tile make_tile(std::size_t frames, std::size_t pixels,
               const std::function<std::span<const float>(std::size_t)>& stretch) {
  Tile tile{frames, pixels, {}, std::vector<float>(frames * pixels * kLanes)};
  bool signs = true;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const auto values = stretch(lane);
    if (values.empty() && lane > 0) {
      for (std::size_t i = 0; i < frames * pixels; ++i) tile.values[i * kLanes + lane] = tile.values[i * kLanes];
      continue;
    }
    if (values.size() != frames * pixels)
      throw InternalError("make_tile: a stretch of " + std::to_string(values.size()) + " values, expected " +
                          std::to_string(frames * pixels));
    signs = signs && std::all_of(values.begin(), values.end(), is_sign);
    for (std::size_t i = 0; i < frames * pixels; ++i) tile.values[i * kLanes + lane] = values[i];
  }
  if (!signs) return tile;
  tile.bits.resize(frames * pixels);
  for (std::size_t i = 0; i < frames * pixels; ++i) {
    unsigned word = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) word |= (tile.values[i * kLanes + lane] > 0 ? 1U : 0U) << lane;
    tile.bits[i] = static_cast<std::uint16_t>(word);
  }
  tile.values = {};
  return tile;
}

}  // namespace plexiform
