#pragma once
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "plexiform/result/transfer.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// transfer.json (docs/formats/run.md): {"kind":"cells","cells":[..],"in_place":{..},"moved":{..},..} and
/// {"kind":"stimuli","runs":[..],"targets":[..],"cells":[..],"mean":[..]}. NaN is null.
std::string to_json(const CellTransfer& transfer);
std::string to_json(const StimulusTransfer& transfer);

/// FOLDER/transfer.json. Checksums are of the run, or of each target: its recording, and the models of its run.
void write_transfer(const std::filesystem::path& folder, const CellTransfer& transfer, const Origin& run);
void write_transfer(const std::filesystem::path& folder, const StimulusTransfer& transfer,
                    const std::vector<Origin>& targets);
/// `homes`: what it must be of, the run or each target; empty where that is not known. Throws Error{missing} or
/// Error{damaged}.
std::variant<CellTransfer, StimulusTransfer> read_transfer(const std::filesystem::path& folder,
                                                           const std::vector<Home>& homes = {});

/// Pictures: the correlations of moved models in the order of the clustering, and the curves of fine-tuning (means over
/// cells; one picture for each pair of stimuli).
std::string picture(const CellTransfer& transfer);
std::string picture(const StimulusTransfer& transfer, std::size_t from, std::size_t to);

}  // namespace plexiform
