#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace plexiform {

/// How far a long piece of work is. The library reports; the program prints.
struct Progress {
  std::string what;     ///< what is being done, for people: "cell 9, start 2 of 3"
  double done = 0;      ///< units done so far
  double total = 0;     ///< units in all, as far as is known
  std::string unit;     ///< "frames", "passes"
  std::string figures;  ///< what to show beside it: "validation 0.42 bits per spike"
};

using ProgressSink = std::function<void(const Progress&)>;

}  // namespace plexiform
