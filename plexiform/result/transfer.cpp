#include "plexiform/result/transfer.hpp"

#include "plexiform/base/enum_names.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<Tuned, 4> kTuned{{{Tuned::nothing, "nothing"},
                                      {Tuned::output, "output"},
                                      {Tuned::all, "all"},
                                      {Tuned::from_nothing, "from nothing"}}};

}  // namespace

std::string to_string(Tuned tuned) {
  return name_of(kTuned, tuned);
}
Tuned tuned_from(const std::string& name) {
  return enum_from(kTuned, name, "part that learns");
}

}  // namespace plexiform
