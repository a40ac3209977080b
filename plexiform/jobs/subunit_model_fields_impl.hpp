#pragma once
#include "plexiform/jobs/fields_impl.hpp"
#include "plexiform/reveal/subunit_model.hpp"

namespace plexiform {

// All that a list of subunits predicts by.

namespace reveal {
using plexiform::from_json;  // found by the types' own namespace
using plexiform::to_json;
PLEXIFORM_MEMBERS(Gaussian, x, y, log_a, log_b, shear)
PLEXIFORM_MEMBERS(Inner, weight, x, y, log_size)
PLEXIFORM_MEMBERS(Surround, strength, log_ratio)
PLEXIFORM_MEMBERS(Shape, centre, inner)
PLEXIFORM_MEMBERS(Basis, channels, lags, functions)
PLEXIFORM_MEMBERS(Part, sign, response, mix, shape)
PLEXIFORM_MEMBERS(Number, value, free)
PLEXIFORM_MEMBERS(Model, basis, parts, log_softness, offset, log_power, log_expansion, surround, gains, unit, log_size)
PLEXIFORM_MEMBERS(Covariate, kind, scale, mean, spread, floor)
}  // namespace reveal

PLEXIFORM_MEMBERS(Window, y, x, height, width)
PLEXIFORM_MEMBERS(SubunitModel, model, divisive, window)

}  // namespace plexiform
