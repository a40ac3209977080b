#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/run/run.hpp"

namespace plexiform {

/// The checksums (base/file.hpp) of what a model was made from; empty where there is none, or it is not known.
struct ModelOrigin {
  std::string recording = {};
  std::string config = {};         ///< config_sum (run/run.hpp) of the run
  std::string revealed_from = {};  ///< of a minimal network: the model that it was revealed from
};
/// What the models in a folder must be.
struct ModelHome {
  Age age = Age::any;
  ModelOrigin origin = {};                      ///< what is not known is not checked
  std::string mend = artefacts::model.made_by;  ///< what to do about one that is damaged
};
ModelHome model_home(const std::filesystem::path& run, const RunInfo& info);

/// A cell's model file: the cell, the window, the networks that are best so far, and the whole state of the fits that
/// are given, so that they can be resumed; none for networks that were not trained here. Throws Error{file} if it
/// cannot be written.
void write_model(const std::filesystem::path& path, const CellFit& fit, std::span<const Training> fits = {},
                 const ModelOrigin& origin = {});

/// Throws Error{missing} or Error{damaged}: also if it has another version than `home` allows, is of another cell, or
/// is not of what `home` says.
CellFit read_model(const std::filesystem::path& path, std::int64_t cell, const ModelHome& home = {});
/// The model of a cell of a run. Throws also Error{data} where the fit of the cell failed, or has not begun. In
/// RUN/minimal, the model must have been revealed from that of the cell in RUN.
CellFit read_run_model(const std::filesystem::path& run, const RunInfo& info, std::int64_t cell);

/// Puts the fits where the model file says they stood. Throws as read_model.
void read_training(const std::filesystem::path& path, std::int64_t cell, std::span<Training> fits,
                   const ModelHome& home = {});

}  // namespace plexiform
