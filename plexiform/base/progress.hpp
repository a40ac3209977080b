#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace plexiform {

/// How far a long piece of work is. The library reports; the program prints.
struct Progress {
  std::string what;     ///< what is being done, for people: "fit: 12 of 38 cells"; empty when it is over
  double done = 0;      ///< units done so far
  double total = 0;     ///< units in all, as far as is known
  std::string unit;     ///< "frames", "cells"
  std::string figures;  ///< what to show beside it: "validation 0.42 bits per spike"
};

using ProgressSink = std::function<void(const Progress&)>;

}  // namespace plexiform
