#pragma once
#include <cstdint>
#include <filesystem>

#include "plexiform/result/fitted.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// RUN/cell_<i>/fitted.h5 (docs/formats/run.md).
void write_fitted(const std::filesystem::path& run, std::int64_t cell, const FittedArrays& fitted,
                  const Origin& origin);

/// Throws Error{missing} or Error{damaged}: also where an array has another number of axes or a number is missing, or
/// where it is of another recording or model than the run's.
FittedArrays read_fitted(const std::filesystem::path& run, std::int64_t cell, const Home& home);

}  // namespace plexiform
