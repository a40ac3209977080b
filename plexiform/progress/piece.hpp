#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace plexiform {

/// What a piece of a long work is about: a cell, a cell and a method, a value with a seed and a cell. What does not
/// apply is absent.
struct Piece {
  std::optional<std::int64_t> cell = {};  ///< row in the recording
  std::string name = {};                  ///< of the cell
  std::string method = {};
  std::optional<double> value = {};
  std::optional<std::uint64_t> seed = {};
  double weight = 1;  ///< in the whole
};
/// "cell 3 (off 12), lnln"; "value 0.5, seed 101, cell 0". Names as they are, see printable().
std::string to_string(const Piece& piece);

/// A number that tells how well a piece went, under the name that metrics.jsonl has for it.
struct Figure {
  std::string name;
  double value = 0;
};

/// Figures that several works have: bits per spike of the network and of LN on the validation blocks; on the test block
/// of the own recording; where a model is tested elsewhere.
inline constexpr const char* kValidationBits = "validation_bits";
inline constexpr const char* kLnValidationBits = "ln_validation_bits";
inline constexpr const char* kTestBits = "bits_per_spike";
inline constexpr const char* kBitsElsewhere = "bits_elsewhere";

/// What became of a piece.
struct PieceResult {
  double seconds = 0;
  std::string error = {};  ///< why there is nothing, or empty
  std::vector<Figure> figures = {};
  std::string chosen = {};  ///< what a method chose by itself, for people
};

/// Absent where there is none of this name.
std::optional<double> figure(const PieceResult& result, const std::string& name);

enum class PieceEvent { begun, moved, done, failed };
std::string to_string(PieceEvent event);

struct PieceNews {
  PieceEvent event = PieceEvent::begun;
  Piece piece;
  double share = 0;         ///< of the piece, from 0 to 1
  PieceResult result = {};  ///< of one that is over; figures so far of one that moved
};

using PieceSink = std::function<void(const PieceNews&)>;

}  // namespace plexiform
