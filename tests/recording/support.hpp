#pragma once
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "plexiform/base/file.hpp"
#include "plexiform/base/ndarray.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/recording/recording.hpp"
#include "plexiform/stimulus/recipe.hpp"
#include "plexiform/stimulus/stored.hpp"

namespace plexiform::testing {

/// A recording of one segment over frames of a stimulus, without a spike.
inline Recording silent_recording(std::shared_ptr<const Stimulus> stimulus, std::int64_t cells, std::int64_t bins) {
  Recording recording;
  recording.stimulus = std::move(stimulus);
  recording.frame_rate = 30;
  for (std::int64_t i = 0; i < cells; ++i) recording.names.push_back("cell " + std::to_string(i));
  recording.counts = NdArray<std::int32_t>({cells, bins});
  recording.segments = {{0, bins, 0, 0, -1}};
  return recording;
}

/// White noise of a recipe, `frames` bins, without a spike.
inline Recording noise_recording(std::int64_t height, std::int64_t width, std::int64_t cells, std::int64_t bins,
                                 std::uint64_t seed, NoiseValues values = NoiseValues::binary) {
  const WhiteNoiseRecipe recipe{values, seed, {1, height, width}, 1};
  Recording recording = silent_recording(make_stimulus(recipe), cells, bins);
  recording.recipe = recipe;
  return recording;
}

/// Counts of a cell that answers one pixel of one earlier frame: Poisson of mean `rate` * 2 where `sign` * contrast is
/// positive, of mean 0 where it is negative; ahead of its stimulus where lag is negative.
inline void answer_pixel(Recording& recording, std::int64_t cell, std::int64_t y, std::int64_t x, std::int64_t lag,
                         double rate, double sign = 1) {
  const CounterRandom random(777, static_cast<std::uint64_t>(cell));
  for (const Segment& segment : recording.segments)
    for (std::int64_t i = 0; i < segment.length; ++i) {
      const std::int64_t frame = segment.first_frame + i - lag;
      if (frame < segment.history_begin) continue;
      float value = 0;
      recording.stimulus->read(frame, frame + 1, {y, x, 1, 1}, {&value, 1});
      const auto bin = segment.start + i;
      if (sign * static_cast<double>(value) > 0)
        recording.counts.row(cell)[static_cast<std::size_t>(bin)] =
            static_cast<std::int32_t>(random.poisson(static_cast<std::uint64_t>(bin), 2 * rate));
    }
}

/// A movie in memory with values that differ, [time, channel, height, width].
inline NdArray<float> random_movie(std::int64_t frames, std::int64_t channels, std::int64_t height, std::int64_t width,
                                   std::uint64_t seed) {
  NdArray<float> movie({frames, channels, height, width});
  const CounterRandom random(seed, 5);
  for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(random.normal(i));
  return movie;
}

/// A .npy file of any number type, as numpy writes it.
template <class T>
void write_typed_npy(const std::filesystem::path& path, const std::string& dtype,
                     const std::vector<std::int64_t>& shape, const std::vector<T>& values) {
  std::string tuple;
  for (const std::int64_t n : shape) tuple += std::to_string(n) + ", ";
  std::string header = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
  header.resize((header.size() + 10 + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 255);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  write_text_atomically(path, bytes);
}

}  // namespace plexiform::testing
