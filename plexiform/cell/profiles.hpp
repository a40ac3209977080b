#pragma once
#include <cstdint>
#include <string>

#include "plexiform/cell/layouts.hpp"

namespace plexiform {

/// Outline of a subunit over the pixels; draw_profiles says how each is meant.
enum class Profile { gaussian, irregular, exponential };
Profile profile_from(const std::string& name);  ///< Error{usage} names the nearest
std::string to_string(Profile profile);

/// Draws each filter of a layout anew from its spot; places, sizes, orientations and weights stay. With r the distance
/// from the centre in standard deviations of the spot:
/// - gaussian: exp(-r^2 / 2), as it is;
/// - irregular: three Gaussians of unit norm: one of 0.8 of the spot's size, and two round ones of 0.55 to 0.75 of that
///   size, 2 to 2.6 of its standard deviations from the centre, 70 to 140 degrees apart, with weights of 0.5 to 0.8
///   (seeded). The best elliptic Gaussian correlates with such a shape by 0.85 to 0.96, typically 0.90;
/// - exponential: exp(-r / 1.70), as wide at half its height as the Gaussian, with a sharper peak and a longer tail.
/// Throws Error{usage} for another profile than gaussian if the layout has no spots.
void draw_profiles(Layout& layout, Profile profile, std::uint64_t seed);

/// Gives each filter a surround of its own: filter - share * (the Gaussian of its spot, `size` times as wide), all of
/// unit norm. `share` of 0 leaves the layout as it is. Throws as draw_profiles.
void add_subunit_surrounds(Layout& layout, double share, double size);

}  // namespace plexiform
