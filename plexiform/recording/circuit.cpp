#include "plexiform/recording/circuit.hpp"

#include "plexiform/base/enum_names.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<OutputNonlinearity, 3> kOutputs{{{OutputNonlinearity::rectified, "rectified"},
                                                     {OutputNonlinearity::saturating, "saturating"},
                                                     {OutputNonlinearity::exponential, "exponential"}}};
constexpr EnumNames<SpikeRule, 3> kSpikeRules{{{SpikeRule::poisson, "poisson"},
                                               {SpikeRule::at_most_one, "at_most_one"},
                                               {SpikeRule::negative_binomial, "negative_binomial"}}};

std::vector<std::int64_t> subunits_where(const Circuit& circuit, bool (*holds)(float weight)) {
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < circuit.subunits(); ++i)
    if (holds(circuit.weight.values[static_cast<std::size_t>(i)])) found.push_back(i);
  return found;
}

}  // namespace

OutputNonlinearity output_nonlinearity_from(const std::string& name) {
  return enum_from(kOutputs, name, "output nonlinearity");
}
std::string to_string(OutputNonlinearity output) {
  return name_of(kOutputs, output);
}

SpikeRule spike_rule_from(const std::string& name) {
  return enum_from(kSpikeRules, name, "spike rule");
}
std::string to_string(SpikeRule rule) {
  return name_of(kSpikeRules, rule);
}

std::vector<std::int64_t> driving_subunits(const Circuit& circuit) {
  return subunits_where(circuit, [](float weight) { return weight > 0; });
}

std::vector<std::int64_t> suppressive_subunits(const Circuit& circuit) {
  return subunits_where(circuit, [](float weight) { return weight < 0; });
}

}  // namespace plexiform
