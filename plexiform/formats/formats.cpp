#include <algorithm>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/formats/arrays.hpp"
#include "plexiform/formats/counts_file.hpp"
#include "plexiform/formats/flashed_file.hpp"
#include "plexiform/formats/format.hpp"
#include "plexiform/formats/rebin.hpp"
#include "plexiform/formats/spikes.hpp"

namespace plexiform {

const std::vector<Format>& formats() {
  static const std::vector<Format> all{arrays_format(), counts_format(), spikes_format(), flashed_format(),
                                       rebin_format()};
  return all;
}

const Format& format_of(const std::string& name) {
  const auto found = std::ranges::find(formats(), name, &Format::name);
  if (found != formats().end()) return *found;
  std::vector<std::string> known;
  std::string list;
  for (const Format& format : formats()) {
    known.push_back(format.name);
    list += (list.empty() ? "" : ", ") + format.name;
  }
  const auto near = nearest(name, known);
  throw Error(ErrorKind::usage, "unknown format '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""),
              "known: " + list);
}

std::vector<std::string> formats_that_recognise(const std::filesystem::path& path) {
  std::vector<std::string> names;
  for (const Format& format : formats())
    if (format.recognises(path)) names.push_back(format.name);
  return names;
}

}  // namespace plexiform
