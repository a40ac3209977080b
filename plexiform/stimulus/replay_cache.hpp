#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "plexiform/base/context.hpp"
#include "plexiform/stimulus/recipe.hpp"

namespace plexiform {

/// Where replays are kept: $PLEXIFORM_CACHE, or plexiform in $XDG_CACHE_HOME or ~/.cache; none where PLEXIFORM_CACHE is
/// "off" or no home is known.
std::optional<std::filesystem::path> replay_cache_folder();

/// Whether a replay is worth keeping: binary, all of it known, and so long that making it takes longer than reading it.
bool keeps_replay(const StimulusRecipe& recipe, std::int64_t frames);

/// A ran1 replay whose first `frames` displayed frames are kept as bits in a file below `folder`, named after the
/// recipe. Regenerating it takes as long as its recurrence, two nanoseconds a value, and one frame depends on all
/// before; from the file any block is read at once, a large one from up to `threads` threads (0: default_threads()).
/// The file is believed only where its header states this recipe and length, and each block only if its checksum is
/// right: else the block is regenerated.
///
/// open_replay: nullptr if there is no such file. make_replay: makes it first if it is missing or wrong (to a
/// temporary name; it tells how far it is), for reading from the context's threads. Throws Error{file} if it cannot be
/// written, Interrupted on a stop request.
std::shared_ptr<const Stimulus> open_replay(const Ran1Recipe& recipe, std::int64_t frames,
                                            const std::filesystem::path& folder, int threads = 0);
std::shared_ptr<const Stimulus> make_replay(const Ran1Recipe& recipe, std::int64_t frames,
                                            const std::filesystem::path& folder, const Context& context = {});

}  // namespace plexiform
