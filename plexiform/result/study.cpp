#include "plexiform/result/study.hpp"

#include "plexiform/base/enum_names.hpp"

namespace plexiform {
namespace {

constexpr EnumNames<StudyKind, 5> kKinds{{{StudyKind::filters, "filters"},
                                          {StudyKind::size, "size"},
                                          {StudyKind::data, "data"},
                                          {StudyKind::noise, "noise"},
                                          {StudyKind::threshold, "threshold"}}};

}  // namespace

StudyKind study_kind_from(const std::string& name) {
  return enum_from(kKinds, name, "study");
}
std::string to_string(StudyKind kind) {
  return name_of(kKinds, kind);
}

}  // namespace plexiform
