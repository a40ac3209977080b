#include "plexiform/flashed/answers.hpp"

#include <string>

#include "plexiform/base/error.hpp"

namespace plexiform {

Answers::Answers(const Recording& recording) {
  if (recording.kind != RecordingKind::flashed)
    throw Error(ErrorKind::data, "the recording is of a movie, expected one of flashed images",
                "fit a network to a movie; this comparison is for flashed images");
  images_ = recording.stimulus->frames();
  std::vector<std::vector<std::int64_t>> bins(static_cast<std::size_t>(images_));
  for (const Segment& s : recording.segments) bins[static_cast<std::size_t>(s.first_frame)].push_back(s.start);
  trials_ = static_cast<std::int64_t>(bins[0].size());
  for (std::size_t image = 0; image < bins.size(); ++image)
    if (static_cast<std::int64_t>(bins[image].size()) != trials_ || trials_ < 1)
      throw Error(ErrorKind::data, "image " + std::to_string(image) + " was shown in " +
                                       std::to_string(bins[image].size()) + " trials, image 0 in " +
                                       std::to_string(trials_) +
                                       ", expected the same number for each image, 1 or more");
  for (std::size_t trial = 0; trial < bins[0].size(); ++trial)
    for (const auto& of_image : bins) bins_.push_back(of_image[trial]);
}

NdArray<double> Answers::of_cell(const Recording& recording, std::int64_t cell) const {
  NdArray<double> spikes({trials_, images_});
  const auto counts = recording.counts.row(cell);
  for (std::size_t i = 0; i < bins_.size(); ++i) spikes.values[i] = counts[static_cast<std::size_t>(bins_[i])];
  return spikes;
}

std::vector<double> mean_of_trials(const NdArray<double>& trials) {
  std::vector<double> mean(static_cast<std::size_t>(trials.shape[1]));
  for (std::int64_t trial = 0; trial < trials.shape[0]; ++trial)
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += trials.row(trial)[i] / static_cast<double>(trials.shape[0]);
  return mean;
}

}  // namespace plexiform
