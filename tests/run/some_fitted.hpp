#pragma once
#include "base/every_field.hpp"
#include "plexiform/result/fitted.hpp"

namespace plexiform::testing {

/// Fitted models with something in each field.
inline FittedArrays some_fitted() {
  FittedArrays fitted;
  SetAll set;
  set(fitted);
  for (auto* array : {&fitted.average, &fitted.spatial, &fitted.map}) set.set_array(*array, {2, 3, 2});
  set.set_array(fitted.ln_temporal, {3});
  for (auto* curve : {&fitted.output, &fitted.ln_output})
    for (auto* array : {&curve->drive, &curve->rate, &curve->seen_drive, &curve->seen_rate, &curve->seen_error})
      set.set_array(*array, {4});
  return fitted;
}

}  // namespace plexiform::testing
