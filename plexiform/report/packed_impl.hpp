#pragma once
#include <nlohmann/json.hpp>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

/// An array as a page holds it: {"type":"u8"|"i16","shape":[..],"scale":s,"data":"base64"}, value = s * integer. Whole
/// numbers from 0 to 255 are exact, other values are within half of scale, 1 / 65534 of the greatest magnitude. What is
/// not finite becomes -32768.
nlohmann::json packed(const NdArray<double>& array);

}  // namespace plexiform
