#pragma once
#include <string>

#include "plexiform/transfer/cell_transfer.hpp"
#include "plexiform/transfer/stimulus_transfer.hpp"

namespace plexiform {

/// transfer.json (docs/formats/run.md): {"kind":"cells","cells":[..],"in_place":{..},"moved":{..},..} and
/// {"kind":"stimuli","runs":[..],"targets":[..],"cells":[..],"mean":[..]}. NaN is null.
std::string to_json(const CellTransfer& transfer);
std::string to_json(const StimulusTransfer& transfer);

/// Pictures: the correlations of moved models in the order of the clustering, and the curves of fine-tuning (means over
/// cells; one picture for each pair of stimuli).
std::string picture(const CellTransfer& transfer);
std::string picture(const StimulusTransfer& transfer, std::size_t from, std::size_t to);

}  // namespace plexiform
