#include "plexiform/compute/tile_store.hpp"

#include <span>
#include <utility>

namespace plexiform {

void TileStore::add(Tile tile) {
  Entry entry;
  entry.bits = !tile.bits.empty();
  if (tile.bytes() <= bytes_left_) {
    bytes_left_ -= tile.bytes();
    entry.tile = std::move(tile);
  } else {
    bytes_left_ = 0;  // the first tiles stay, whatever the sizes of the later ones
    entry.at = file_->append(entry.bits ? std::as_bytes(std::span(tile.bits)) : std::as_bytes(std::span(tile.values)));
    entry.tile.frames = tile.frames;
    entry.tile.pixels = tile.pixels;
  }
  entries_.push_back(std::move(entry));
}

const Tile& TileStore::get(std::size_t i, Tile& scratch) const {
  const Entry& entry = entries_[i];
  if (entry.at < 0) return entry.tile;
  scratch.frames = entry.tile.frames;
  scratch.pixels = entry.tile.pixels;
  const std::size_t values = scratch.frames * scratch.pixels;
  scratch.bits.resize(entry.bits ? values : 0);
  scratch.values.resize(entry.bits ? 0 : values * kLanes);
  file_->read(entry.at, entry.bits ? std::as_writable_bytes(std::span(scratch.bits))
                                   : std::as_writable_bytes(std::span(scratch.values)));
  return scratch;
}

void TileStore::read_ahead(std::size_t i) const {
  const Entry& entry = entries_[i];
  if (entry.at < 0) return;
  const std::size_t values = entry.tile.frames * entry.tile.pixels;
  file_->read_ahead(entry.at, static_cast<std::int64_t>(entry.bits ? values * sizeof(std::uint16_t)
                                                                   : values * kLanes * sizeof(float)));
}

}  // namespace plexiform
