#include "plexiform/form/nonlinearity.hpp"

#include "plexiform/base/enum_names.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<SubunitNonlinearity, 4> kNonlinearities{{{SubunitNonlinearity::relu, "relu"},
                                                             {SubunitNonlinearity::half_squared, "half_squared"},
                                                             {SubunitNonlinearity::squared, "squared"},
                                                             {SubunitNonlinearity::linear, "linear"}}};

}  // namespace

SubunitNonlinearity subunit_nonlinearity_from(const std::string& name) {
  return enum_from(kNonlinearities, name, "subunit nonlinearity");
}
std::string to_string(SubunitNonlinearity nonlinearity) {
  return name_of(kNonlinearities, nonlinearity);
}

}  // namespace plexiform
