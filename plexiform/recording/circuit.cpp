#include "plexiform/recording/circuit.hpp"

#include <array>
#include <optional>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"

namespace plexiform {
namespace {

template <class E, std::size_t n>
using Names = std::array<std::pair<E, const char*>, n>;

constexpr Names<SubunitNonlinearity, 4> kNonlinearities{{{SubunitNonlinearity::relu, "relu"},
                                                         {SubunitNonlinearity::half_squared, "half_squared"},
                                                         {SubunitNonlinearity::squared, "squared"},
                                                         {SubunitNonlinearity::linear, "linear"}}};
constexpr Names<OutputNonlinearity, 3> kOutputs{{{OutputNonlinearity::rectified, "rectified"},
                                                 {OutputNonlinearity::saturating, "saturating"},
                                                 {OutputNonlinearity::exponential, "exponential"}}};
constexpr Names<SpikeRule, 3> kSpikeRules{{{SpikeRule::poisson, "poisson"},
                                           {SpikeRule::at_most_one, "at_most_one"},
                                           {SpikeRule::negative_binomial, "negative_binomial"}}};

template <class E, std::size_t n>
E from(const Names<E, n>& names, const std::string& word, const std::string& what) {
  std::vector<std::string> known;
  std::string list;
  for (const auto& [value, name] : names) {
    if (word == name) return value;
    known.emplace_back(name);
    list += (list.empty() ? "" : ", ") + known.back();
  }
  const std::optional<std::string> near = nearest(word, known);
  throw Error(ErrorKind::usage, "unknown " + what + " '" + word + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

template <class E, std::size_t n>
std::string name_of(const Names<E, n>& names, E value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  throw InternalError("a value outside its enumeration");
}

}  // namespace

SubunitNonlinearity subunit_nonlinearity_from(const std::string& name) {
  return from(kNonlinearities, name, "subunit nonlinearity");
}
std::string to_string(SubunitNonlinearity nonlinearity) {
  return name_of(kNonlinearities, nonlinearity);
}

OutputNonlinearity output_nonlinearity_from(const std::string& name) {
  return from(kOutputs, name, "output nonlinearity");
}
std::string to_string(OutputNonlinearity output) {
  return name_of(kOutputs, output);
}

SpikeRule spike_rule_from(const std::string& name) {
  return from(kSpikeRules, name, "spike rule");
}
std::string to_string(SpikeRule rule) {
  return name_of(kSpikeRules, rule);
}

std::vector<std::int64_t> driving_subunits(const Circuit& circuit) {
  std::vector<std::int64_t> driving;
  for (std::int64_t i = 0; i < circuit.subunits(); ++i)
    if (circuit.weight.values[static_cast<std::size_t>(i)] > 0) driving.push_back(i);
  return driving;
}

}  // namespace plexiform
