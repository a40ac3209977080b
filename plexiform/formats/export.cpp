#include "plexiform/formats/export.hpp"

#include <algorithm>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/base/wording.hpp"

namespace plexiform {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kBlockValues = 1 << 20;  // of the stimulus, in memory at a time

/// Frames of the stimulus that were shown one after the other during these bins.
std::vector<Range> shown_during(const Recording& recording, const Range& bins) {
  std::vector<Range> shown;
  for (const Segment& s : recording.segments) {
    const std::int64_t begin = std::max(bins.begin, s.start), end = std::min(bins.end, s.start + s.length);
    if (begin < end) shown.push_back({s.first_frame + begin - s.start, s.first_frame + end - s.start});
  }
  return shown;
}

/// Calls `use` with block after block until it says that it has enough.
template <class Use>
void for_each_block(const Stimulus& stimulus, const std::vector<Range>& shown, const std::stop_token& stop, Use use) {
  const FrameShape shape = stimulus.shape();
  const std::int64_t values = shape.channels * shape.pixels();
  const std::int64_t step = std::max<std::int64_t>(kBlockValues / values, 1);
  std::vector<float> block;
  for (const Range& range : shown) {
    for (std::int64_t begin = range.begin; begin < range.end; begin += step) {
      if (stop.stop_requested()) throw Interrupted();
      const std::int64_t end = std::min(begin + step, range.end);
      block.resize(static_cast<std::size_t>((end - begin) * values));
      stimulus.read(begin, end, whole(shape), block);
      if (!use(end - begin, std::span<const float>(block))) return;
    }
  }
}

StoredType smallest_type(const Stimulus& stimulus, const std::vector<Range>& shown, const std::stop_token& stop) {
  bool binary = true;
  for_each_block(stimulus, shown, stop, [&](std::int64_t, std::span<const float> block) {
    binary = std::ranges::all_of(block, [](float value) { return value == 1 || value == -1; });
    return binary;
  });
  return binary ? StoredType::int8 : StoredType::float32;
}

class Export {
 public:
  Export(const Recording& recording, Range bins, const ProgressSink& progress, const std::stop_token& stop)
      : recording_(recording), bins_(bins), progress_(progress), stop_(stop) {
    exported_.frames = bins.size();
  }

  ExportedArrays into(const fs::path& folder) {
    std::error_code problem;
    if (!fs::create_directory(folder, problem))
      throw Error(ErrorKind::file, "cannot be made: " + problem.message()).in_file(folder);
    folder_ = folder;
    const auto shown = shown_during(recording_, bins_);
    exported_.stimulus = smallest_type(*recording_.stimulus, shown, stop_);
    if (exported_.stimulus == StoredType::int8)
      write_stimulus<std::int8_t>(shown);
    else
      write_stimulus<float>(shown);
    write_counts();
    write_truth();
    return exported_;
  }

 private:
  template <class T>
  NpyWriter writer(const std::string& name, const std::vector<std::int64_t>& shape) {
    exported_.files.push_back(name);
    return NpyWriter::of<T>(folder_ / name, shape);
  }

  template <class T>
  void write_stimulus(const std::vector<Range>& shown) {
    const FrameShape frame = recording_.stimulus->shape();
    std::vector<std::int64_t> shape{bins_.size(), frame.channels, frame.height, frame.width};
    if (frame.channels == 1) shape.erase(shape.begin() + 1);
    auto file = writer<T>("stim.npy", shape);
    std::int64_t done = 0;
    std::vector<T> converted;
    for_each_block(*recording_.stimulus, shown, stop_, [&](std::int64_t frames, std::span<const float> block) {
      converted.assign(block.size(), T{});
      std::ranges::transform(block, converted.begin(), [](float value) { return static_cast<T>(value); });
      file.write(std::span<const T>(converted));
      done += frames;
      if (progress_)
        progress_({"writing arrays", static_cast<double>(done), static_cast<double>(bins_.size()), "frames", ""});
      return true;
    });
    file.close();
  }

  void write_counts() {
    auto file = writer<std::int32_t>("counts.npy", {recording_.cells(), bins_.size()});
    for (std::int64_t cell = 0; cell < recording_.cells(); ++cell)
      file.write(recording_.counts.row(cell).subspan(static_cast<std::size_t>(bins_.begin),
                                                     static_cast<std::size_t>(bins_.size())));
    file.close();
  }

  void write_truth() {
    if (recording_.truth.empty()) return;
    std::vector<std::vector<std::int64_t>> driving;
    for (const Circuit& circuit : recording_.truth) driving.push_back(driving_subunits(circuit));
    const auto& grid = recording_.truth[0].spatial.shape;
    const auto number = static_cast<std::int64_t>(driving[0].size());
    const bool alike = std::ranges::all_of(driving, [&](const auto& d) { return d.size() == driving[0].size(); });
    if (alike) {
      auto file = writer<float>("truth_spatial.npy", {recording_.cells(), number, grid[1], grid[2]});
      for (std::size_t cell = 0; cell < driving.size(); ++cell) write_filters(file, cell, driving[cell]);
      file.close();
      return;
    }
    for (std::size_t cell = 0; cell < driving.size(); ++cell) {
      auto file = writer<float>("truth_spatial_" + std::to_string(cell) + ".npy",
                                {static_cast<std::int64_t>(driving[cell].size()), grid[1], grid[2]});
      write_filters(file, cell, driving[cell]);
      file.close();
    }
  }
  void write_filters(NpyWriter& file, std::size_t cell, const std::vector<std::int64_t>& subunits) const {
    for (const std::int64_t i : subunits) file.write(recording_.truth[cell].spatial.row(i));
  }

  const Recording& recording_;
  Range bins_;
  const ProgressSink& progress_;
  const std::stop_token& stop_;
  fs::path folder_;
  ExportedArrays exported_;
};

}  // namespace

ExportedArrays export_arrays(const Recording& recording, const fs::path& folder, std::optional<Range> bins,
                             const ProgressSink& progress, const std::stop_token& stop) {
  const Range all{0, recording.bins()};
  const Range part = bins.value_or(all);
  if (part.begin < 0 || part.begin >= part.end || part.end > all.end)
    throw Error(ErrorKind::usage,
                "frames " + std::to_string(part.begin) + ":" + std::to_string(part.end) +
                    " are outside the recording, expected a range within 0:" + std::to_string(all.end));
  std::error_code problem;
  if (fs::exists(fs::symlink_status(folder, problem)))
    throw Error(ErrorKind::usage, "exists already; nothing is overwritten", "choose another name").in_file(folder);
  ExportedArrays exported;
  write_atomically(folder, [&](const fs::path& temporary) {
    try {
      exported = Export(recording, part, progress, stop).into(temporary);
    } catch (...) {
      std::error_code ignored;
      fs::remove_all(temporary, ignored);
      throw;
    }
  });
  return exported;
}

}  // namespace plexiform
