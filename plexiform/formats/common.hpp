#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/formats/bound_options.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform {

/// What every reader takes.
struct CommonOptions {
  std::optional<double> pixel_um;
  std::vector<std::string> names;    ///< [cell]; empty: cells have no names
  std::filesystem::path names_file;  ///< where the names came from, for errors
  std::optional<double> mean_light;
  std::string mean_light_unit;
};

/// What readers of movies take, too.
struct TimingOptions {
  double frame_rate = 0;        ///< displayed frames per second
  std::int64_t lag_offset = 0;  ///< counts[0] belongs to stimulus frame lag_offset
};

/// Names of a text file, a cell's name a line; empty lines are passed over. Throws Error{data} of file and line if a
/// name is there twice or is not UTF-8, Error{missing}.
std::vector<std::string> read_names(const std::filesystem::path& path);

/// Takes over what is common. Throws Error{usage} if a value makes no sense, Error{data} if the number of names is
/// another than that of the cells or a name is there twice.
void apply_common(const CommonOptions& common, std::int64_t cells, Recording& recording);

/// Throws Error{usage} if no experiment has it (recording/magnitudes.hpp).
void require_frame_rate(double frame_rate);

/// The parameters of CommonOptions, as `common` of a format's options; those of TimingOptions, as `timing`; and of a
/// BinWidth, as `bin`.
template <class Options>
std::vector<BoundOption<Options>> common_options() {
  return {
      bound<Options>(
          {.name = "pixel_um",
           .type = OptionType::number,
           .about = "side of a stimulus pixel on the retina, micrometres",
           .values = Values::positive},
          [](Options & o) -> auto& { return o.common.pixel_um; }),
      {{.name = "names", .about = "text file with a cell's name a line; without it cells have no names"},
       [](Options& o, const OptionValue& value) {
         o.common.names_file = std::get<std::filesystem::path>(value);
         o.common.names = read_names(o.common.names_file);
       }},
      bound<Options>(
          {.name = "mean_light",
           .type = OptionType::number,
           .about = "mean light level of the stimulus, which contrast is of",
           .values = Values::positive},
          [](Options & o) -> auto& { return o.common.mean_light; }),
      bound<Options>(
          {.name = "mean_light_unit", .type = OptionType::text, .about = "its unit, such as cd/m2"},
          [](Options & o) -> auto& { return o.common.mean_light_unit; }),
  };
}

template <class Options>
std::vector<BoundOption<Options>> timing_options(Need rate) {
  return {
      bound<Options>(
          {.name = "frame_rate",
           .type = OptionType::number,
           .about = "displayed frames per second",
           .example = rate == Need::required ? "30" : "",
           .need = rate,
           .values = Values::positive},
          [](Options & o) -> auto& { return o.timing.frame_rate; }),
      bound<Options>(
          {.name = "lag_offset",
           .type = OptionType::integer,
           .about = "counts[0] belongs to this stimulus frame (default 0)"},
          [](Options & o) -> auto& { return o.timing.lag_offset; }),
  };
}

template <class Options>
std::vector<BoundOption<Options>> bin_options() {
  return {
      bound<Options>(
          {.name = "bins_per_frame",
           .type = OptionType::integer,
           .about = "bins of counts to a stimulus frame (default 1)",
           .values = Values::positive},
          [](Options & o) -> auto& { return o.bin.bins_per_frame; }),
      bound<Options>(
          {.name = "frames_per_bin",
           .type = OptionType::integer,
           .about = "stimulus frames to a bin of counts, which sees their mean (default 1)",
           .values = Values::positive},
          [](Options & o) -> auto& { return o.bin.frames_per_bin; }),
  };
}

/// All of some lists, in order.
template <class Options>
std::vector<BoundOption<Options>> joined(std::initializer_list<std::vector<BoundOption<Options>>> lists) {
  std::vector<BoundOption<Options>> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace plexiform
