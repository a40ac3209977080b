#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "plexiform/base/scratch_file.hpp"
#include "plexiform/compute/tile.hpp"

namespace plexiform {

/// Tiles in memory up to a number of bytes, the others in a scratch file, so that memory does not grow with the length
/// of a recording.
class TileStore {
 public:
  TileStore() = default;
  /// Stores may share a file, so that many of them need no more than one.
  TileStore(std::size_t bytes_in_memory, std::shared_ptr<ScratchFile> file)
      : bytes_left_(bytes_in_memory), file_(std::move(file)) {}

  /// Throws Error{file} if the disk is full.
  void add(Tile tile);
  std::size_t size() const { return entries_.size(); }
  /// Tile i: itself, or read into `scratch` (one for each thread), which keeps it until the next call.
  const Tile& get(std::size_t i, Tile& scratch) const;
  /// Tells the system that tile i comes next.
  void read_ahead(std::size_t i) const;

  static constexpr std::size_t kBytesInMemory = std::size_t{4} << 20;

 private:
  struct Entry {
    Tile tile;             ///< its sizes alone where the rest is in the file
    std::int64_t at = -1;  ///< place in the file, or -1
    bool bits = false;
  };
  std::size_t bytes_left_ = kBytesInMemory;
  std::vector<Entry> entries_;
  std::shared_ptr<ScratchFile> file_ = std::make_shared<ScratchFile>();
};

}  // namespace plexiform
