#include "plexiform/fit/cell_model.hpp"

#include <cmath>
#include <cstdio>

#include "plexiform/base/error.hpp"

namespace plexiform {

std::int64_t lags_of(const CellModel& model) {
  if (const auto* subunits = std::get_if<SubunitModel>(&model))
    return static_cast<std::int64_t>(subunits->model.basis.lags);
  return std::get<Network>(model).settings.lags;
}

std::int64_t channels_of(const CellModel& model) {
  if (const auto* subunits = std::get_if<SubunitModel>(&model))
    return static_cast<std::int64_t>(subunits->model.basis.channels);
  return std::get<Network>(model).input.channels;
}

std::string subunits_of(const CellModel& model) {
  const auto* subunits = std::get_if<SubunitModel>(&model);
  if (subunits == nullptr) return to_string(std::get<Network>(model).settings.subunits);
  const auto& parts = subunits->model.parts;
  if (!parts.empty() && parts.front().response == reveal::Response::linear) return "linear";
  char text[32];
  std::snprintf(text, sizeof text, "power %.2g", std::exp(subunits->model.log_power.value));
  return text;
}

const Network& network_of(const CellModel& model) {
  if (const auto* network = std::get_if<Network>(&model)) return *network;
  throw Error(ErrorKind::usage, "the cell's model is a list of subunits, expected a network",
              "name the run that they were revealed from");
}

}  // namespace plexiform
