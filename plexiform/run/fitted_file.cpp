#include "plexiform/run/fitted_file.hpp"

#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

// ---- one list of fields for both directions

template <class On>
void fields(OutputCurve& curve, const std::string& group, const On& on) {
  on.array(group + "/drive", 1, curve.drive);
  on.array(group + "/rate", 1, curve.rate);
  on.array(group + "/seen_drive", 1, curve.seen_drive);
  on.array(group + "/seen_rate", 1, curve.seen_rate);
  on.array(group + "/seen_error", 1, curve.seen_error);
}

/// Groups first, then their attributes.
template <class On>
void fields(FittedArrays& f, const On& on) {
  on.number("/", "x", f.x);
  on.number("/", "y", f.y);
  on.text("/", "found_by", f.found_by);
  on.array("/average", 3, f.average);
  on.array("/network/spatial", 3, f.spatial);
  on.array("/network/temporal", 2, f.temporal);
  on.array("/network/map", 3, f.map);
  on.text("/network", "subunits", f.subunits);
  on.number("/network", "map_x", f.map_x);
  on.number("/network", "map_y", f.map_y);
  fields(f.output, "/network/output", on);
  on.array("/ln/spatial", 2, f.ln_spatial);
  on.array("/ln/temporal", 1, f.ln_temporal);
  fields(f.ln_output, "/ln/output", on);
}

struct Put {
  Hdf5File& file;

  void array(const std::string& dataset, std::size_t, const NdArray<float>& values) const {
    file.write(dataset, values);
  }
  template <class Number>
  void number(const std::string& object, const std::string& name, Number value) const {
    file.set_number(object, name, static_cast<double>(value));
  }
  void text(const std::string& object, const std::string& name, const std::string& value) const {
    file.set_text(object, name, value);
  }
};

struct Get {
  const Hdf5File& file;

  void array(const std::string& dataset, std::size_t axes, NdArray<float>& values) const {
    values = file.read<float>(dataset);
    if (values.shape.size() != axes || values.values.empty())
      refuse(dataset,
             std::to_string(values.shape.size()) + " axes of " + std::to_string(values.values.size()) + " values",
             std::to_string(axes) + " axes with something on each");
  }
  template <class Number>
  void number(const std::string& object, const std::string& name, Number& value) const {
    const auto found = file.number(object, name);
    if (!found || !std::isfinite(*found) || std::abs(*found) > 1e9) refuse(object, "none", "the number '" + name + "'");
    value = static_cast<Number>(*found);
  }
  void text(const std::string& object, const std::string& name, std::string& value) const {
    const auto found = file.text(object, name);
    if (!found) refuse(object, "none", "the text '" + name + "'");
    value = *found;
  }
  [[noreturn]] void refuse(const std::string& object, const std::string& found, const std::string& expected) const {
    throw Error(ErrorKind::damaged, "found " + found + ", expected " + expected, artefacts::fitted.made_by)
        .in_object(object)
        .in_file(file.path());
  }
};

}  // namespace

void write_fitted(const std::filesystem::path& run, std::int64_t cell, const FittedArrays& fitted,
                  const Origin& origin) {
  write_atomically(layout::fitted(run, cell), [&](const std::filesystem::path& temporary) {
    Hdf5File file = Hdf5File::create(temporary);
    set_head(file, artefacts::fitted, origin);
    set_model(file, "/", origin, cell);
    fields(const_cast<FittedArrays&>(fitted), Put{file});  // which only reads it
    file.close();
  });
}

FittedArrays read_fitted(const std::filesystem::path& run, std::int64_t cell, const Home& home) {
  const Hdf5File file = open_checked(layout::fitted(run, cell), artefacts::fitted, home);
  check_model(file, "/", artefacts::fitted, home, cell);
  FittedArrays fitted;
  fields(fitted, Get{file});
  return fitted;
}

}  // namespace plexiform
