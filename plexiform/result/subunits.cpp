#include "plexiform/result/subunits.hpp"

#include "plexiform/base/enum_names.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<Verdict, 3> kVerdicts{{{Verdict::structured, "structured"},
                                           {Verdict::no_evidence, "no evidence"},
                                           {Verdict::too_little_data, "too little data"}}};

}  // namespace

std::string to_string(Verdict verdict) {
  return name_of(kVerdicts, verdict);
}

Verdict verdict_from(const std::string& name) {
  return enum_from(kVerdicts, name, "verdict");
}

Place centre_of(std::span<const float> weights, std::int64_t width) {
  Place place;
  double mass = 0;
  for (std::size_t p = 0; p < weights.size(); ++p) {
    const double power = static_cast<double>(weights[p]) * weights[p];
    place.x += power * static_cast<double>(static_cast<std::int64_t>(p) % width);
    place.y += power * static_cast<double>(static_cast<std::int64_t>(p) / width);
    mass += power;
  }
  return {place.x / mass, place.y / mass};
}

}  // namespace plexiform
