#pragma once
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {

/// What a value of an experiment can be at all. The bounds lie far beyond every display, optics and clock: what is
/// outside is a slip of the unit or of a digit, and would only fail later, where times and sizes are computed with it.
struct Magnitude {
  const char* name;
  const char* unit;
  double least, most;
  const char* range;  ///< both, for people

  /// Not for a value that is not finite.
  constexpr bool holds(double value) const { return value >= least && value <= most; }
};

constexpr Magnitude kFrameRates{"frame rate", "Hz", 1e-3, 1e5, "0.001 to 100,000 Hz"};
constexpr Magnitude kBinLengths{"length of a bin", "s", 1e-6, 1e4, "0.000001 to 10,000 s"};
constexpr Magnitude kPixelSizes{"pixel size", "um", 1e-3, 1e5, "0.001 to 100,000 um"};

/// Throws Error of the kind: "the frame rate is 1e+300 Hz, expected 0.001 to 100,000 Hz".
inline void require(const Magnitude& magnitude, double value, ErrorKind kind) {
  if (magnitude.holds(value)) return;
  throw Error(kind, std::string("the ") + magnitude.name + " is " + number_text(value) + " " + magnitude.unit +
                        ", expected " + magnitude.range);
}

}  // namespace plexiform
