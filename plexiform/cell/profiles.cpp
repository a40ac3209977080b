#include "plexiform/cell/profiles.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "plexiform/base/enum_names.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/cell/draws_impl.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<Profile, 3> kProfiles{
    {{Profile::gaussian, "gaussian"}, {Profile::irregular, "irregular"}, {Profile::exponential, "exponential"}}};

/// A point at a distance, in standard deviations, and a direction from the centre of a spot.
Spot bump_at(const Spot& spot, double distance, double direction, double sd) {
  const double u = distance * spot.sd_long * std::cos(direction), v = distance * spot.sd_wide * std::sin(direction);
  return {spot.x + std::cos(spot.angle) * u - std::sin(spot.angle) * v,
          spot.y + std::sin(spot.angle) * u + std::cos(spot.angle) * v, sd, sd, 0};
}

void add(std::vector<double>& sum, double weight, std::span<const float> values) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * double{values[i]};
}

std::vector<float> irregular(const Spot& spot, std::int64_t side, Draws& draws) {
  // With the bumps that stand out, the whole is about as large as the spot.
  constexpr double kMain = 0.8;
  Spot main = spot;
  main.sd_long *= kMain;
  main.sd_wide *= kMain;
  const double size = std::sqrt(main.sd_long * main.sd_wide);
  std::vector<double> sum(static_cast<std::size_t>(side * side));
  add(sum, 1, drawn_on_grid(main, side));
  double direction = draws.uniform(0, 2 * std::numbers::pi);
  for (int bump = 0; bump < 2; ++bump) {
    const double distance = draws.uniform(2, 2.6), sd = size * draws.uniform(0.55, 0.75);
    add(sum, draws.uniform(0.5, 0.8), drawn_on_grid(bump_at(main, distance, direction, sd), side));
    direction += draws.uniform(70, 140) * std::numbers::pi / 180;
  }
  return unit_norm(sum);
}

std::vector<float> exponential(const Spot& spot, std::int64_t side) {
  const double decay = std::sqrt(2 / std::numbers::ln2);  // at half its height as wide as a Gaussian
  std::vector<double> pixels;
  for (std::int64_t y = 0; y < side; ++y)
    for (std::int64_t x = 0; x < side; ++x)
      pixels.push_back(
          std::exp(-std::sqrt(spot.square_of_distance(static_cast<double>(x), static_cast<double>(y))) / decay));
  return unit_norm(pixels);
}

void require_spots(const Layout& layout, const std::string& what) {
  if (!layout.spots.empty()) return;
  throw Error(ErrorKind::usage, what + " is set, but the subunits are blocks of pixels, expected a preset of Gaussians",
              "omit " + what);
}

}  // namespace

Profile profile_from(const std::string& name) {
  return enum_from(kProfiles, name, "profile");
}
std::string to_string(Profile profile) {
  return name_of(kProfiles, profile);
}

void draw_profiles(Layout& layout, Profile profile, std::uint64_t seed) {
  if (profile == Profile::gaussian) return;
  require_spots(layout, "profile");
  const std::int64_t side = layout.spatial.shape[1];
  Draws draws(seed, streams::model_cell::kProfile);
  for (std::size_t i = 0; i < layout.spots.size(); ++i) {
    const auto filter =
        profile == Profile::irregular ? irregular(layout.spots[i], side, draws) : exponential(layout.spots[i], side);
    std::ranges::copy(filter, layout.spatial.row(static_cast<std::int64_t>(i)).begin());
  }
}

void add_subunit_surrounds(Layout& layout, double share, double size) {
  if (share == 0) return;
  require_spots(layout, "subunit_surround");
  for (std::size_t i = 0; i < layout.spots.size(); ++i) {
    const auto row = layout.spatial.row(static_cast<std::int64_t>(i));
    Spot wide = layout.spots[i];
    wide.sd_long *= size;
    wide.sd_wide *= size;
    std::vector<double> sum(row.begin(), row.end());
    add(sum, -share, drawn_on_grid(wide, layout.spatial.shape[1]));
    std::ranges::copy(unit_norm(sum), row.begin());
  }
}

}  // namespace plexiform
