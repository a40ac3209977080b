#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "plexiform/result/study.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {

/// {"study":..,"of":..,"rows":[..],"fits":[..]}
std::string to_json(const Study& study);

/// FOLDER/study.json. `origin`: the recording, where it is of one.
void write_study(const std::filesystem::path& folder, const Study& study, const Origin& origin);
/// Throws Error{missing} or Error{damaged}.
Study read_study(const std::filesystem::path& folder, const Home& home);

/// FOLDER/pieces/PIECE.json: the cells of one value and seed.
void write_study_piece(const std::filesystem::path& folder, const std::string& piece, std::span<const StudyPiece> cells,
                       const Origin& origin);
std::vector<StudyPiece> read_study_piece(const std::filesystem::path& folder, const std::string& piece,
                                         const Home& home);

}  // namespace plexiform
