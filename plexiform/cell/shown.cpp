#include "plexiform/cell/shown.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/nearest.hpp"
#include "plexiform/base/wording.hpp"
#include "plexiform/stimulus/image_movie.hpp"

namespace plexiform {
namespace {

constexpr std::array<const char*, 7> kNames{
    "white", "images", "dead_leaves", "drifting_gratings", "reversing_gratings", "flicker", "chirp"};

/// Settings that only some kinds take.
struct Meaning {
  const char* key;
  bool (*is_set)(const ShowRecipe&);
  std::vector<Shown> kinds;
};

const std::vector<Meaning>& meanings() {
  using enum Shown;
  static const std::vector<Meaning> all{
      {"frames_each",
       [](const ShowRecipe& s) { return s.frames_each.has_value(); },
       {images, dead_leaves, drifting_gratings, reversing_gratings, flicker}},
      {"normalisation", [](const ShowRecipe& s) { return s.normalisation.has_value(); }, {images, dead_leaves}},
      {"images", [](const ShowRecipe& s) { return !s.images.empty(); }, {images}},
      {"raw", [](const ShowRecipe& s) { return s.raw.has_value(); }, {images}},
      {"image_scale", [](const ShowRecipe& s) { return s.image_scale.has_value(); }, {images}},
      {"jitter", [](const ShowRecipe& s) { return s.jitter.has_value(); }, {images}}};
  return all;
}

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::usage, message, advice);
}

std::unique_ptr<Stimulus> movie_of_images(const ShowRecipe& show, const FrameShape& shape, std::int64_t frames,
                                          std::uint64_t seed) {
  const std::int64_t scale = show.image_scale.value_or(1);
  std::vector<NdArray<float>> images;
  for (const auto& path : image_files(show.images)) {
    images.push_back(read_image(path, show.raw));
    const auto& size = images.back().shape;
    if (size[0] >= shape.height * scale && size[1] >= shape.width * scale) continue;
    throw Error(ErrorKind::data,
                "has " + std::to_string(size[0]) + " x " + std::to_string(size[1]) + " pixels, expected " +
                    std::to_string(shape.height * scale) + " x " + std::to_string(shape.width * scale) +
                    " or more to cut out " + std::to_string(shape.height) + " x " + std::to_string(shape.width) +
                    " at a scale of " + std::to_string(scale),
                "use larger images or a smaller scale")
        .in_file(path);
  }
  return image_movie(std::move(images), {.seed = seed,
                                         .shape = shape,
                                         .frames = frames,
                                         .frames_each = show.frames_each.value_or(1),
                                         .jitter = show.jitter.value_or(0),
                                         .scale = scale,
                                         .normalisation = show.normalisation.value_or(Normalisation::set),
                                         .contrast = show.contrast});
}

StimulusRecipe recipe_of(const ShowRecipe& show, NoiseValues noise, double frame_rate, const FrameShape& shape,
                         std::uint64_t seed) {
  switch (show.kind) {
    case Shown::white:
      return WhiteNoiseRecipe{noise, seed, shape, show.contrast};
    case Shown::dead_leaves: {
      DeadLeavesRecipe leaves;
      leaves.seed = seed;
      leaves.shape = shape;
      leaves.largest = static_cast<double>(std::max({shape.height, shape.width, std::int64_t{1}}));
      leaves.normalisation = show.normalisation.value_or(Normalisation::set);
      leaves.contrast = show.contrast;
      leaves.frames_each = show.frames_each.value_or(1);
      return leaves;
    }
    case Shown::drifting_gratings:
    case Shown::reversing_gratings: {
      GratingRecipe gratings;
      gratings.motion = show.kind == Shown::drifting_gratings ? GratingMotion::drifting : GratingMotion::reversing;
      gratings.seed = seed;
      gratings.shape = shape;
      gratings.contrast = show.contrast;
      gratings.longest = std::max(gratings.shortest, static_cast<double>(std::max(shape.height, shape.width)));
      gratings.frames_each = show.frames_each.value_or(gratings.frames_each);
      return gratings;
    }
    case Shown::flicker:
      return FlickerRecipe{noise, seed, shape, show.contrast, show.frames_each.value_or(1)};
    case Shown::chirp:
      return ChirpRecipe{.shape = shape, .contrast = show.contrast, .frame_rate = frame_rate};
    case Shown::images:
      break;
  }
  throw InternalError("recipe_of: images have no recipe");
}

}  // namespace

Shown shown_from(const std::string& name) {
  const auto at = std::ranges::find(kNames, name);
  if (at != kNames.end()) return static_cast<Shown>(at - kNames.begin());
  const std::vector<std::string> known(kNames.begin(), kNames.end());
  std::string list;
  for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
  const auto near = nearest(name, known);
  refuse("unknown stimulus '" + name + "'" + (near ? "; did you mean '" + *near + "'?" : ""), "known: " + list);
}

std::string to_string(Shown shown) {
  return kNames[static_cast<std::size_t>(shown)];
}

void check_show(const ShowRecipe& show) {
  for (const Meaning& meaning : meanings()) {
    if (!meaning.is_set(show) || std::ranges::find(meaning.kinds, show.kind) != meaning.kinds.end()) continue;
    std::string kinds;
    for (const Shown kind : meaning.kinds) kinds += (kinds.empty() ? "" : " or ") + to_string(kind);
    refuse(std::string(meaning.key) + " is set, but the stimulus is " + to_string(show.kind) + ", expected " + kinds,
           std::string("omit ") + meaning.key);
  }
  const auto above = [](const char* key, double value, double least) {
    if (!(std::isfinite(value) && value >= least))
      refuse(std::string(key) + " is " + number_text(value) + ", expected a number of " + number_text(least) +
             " or more");
  };
  const auto within = [&](const char* key, double value, double least, double most) {
    above(key, value, least);
    if (value > most)
      refuse(std::string(key) + " is " + number_text(value) + ", expected " + number_text(most) + " or less");
  };
  if (!(std::isfinite(show.contrast) && show.contrast > 0))
    refuse("contrast is " + number_text(show.contrast) + ", expected a number above 0");
  if (show.frames_each) above("frames_each", static_cast<double>(*show.frames_each), 1);
  if (show.image_scale) within("image_scale", static_cast<double>(*show.image_scale), 1, kLongestImageSide);
  if (show.jitter) within("jitter", *show.jitter, 0, kLongestImageSide);
}

ShownMovie shown_movie(const ShowRecipe& show, NoiseValues noise, double frame_rate, const FrameShape& shape,
                       std::int64_t frames, std::uint64_t seed) {
  check_show(show);
  if (show.kind == Shown::images) {
    if (show.images.empty())
      throw Error(ErrorKind::usage, "the stimulus is images, and none are named",
                  "name image files, or folders of them")
          .mended_by("images", "photos");
    return {movie_of_images(show, shape, frames, seed), std::nullopt};
  }
  const StimulusRecipe recipe = recipe_of(show, noise, frame_rate, shape, seed);
  return {make_stimulus(recipe), recipe};
}

}  // namespace plexiform
