#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/recording/split.hpp"
#include "plexiform/settings/settings.hpp"

/// The options of the verbs that need torch, as the command line gives them.

struct FitOptions {
  std::filesystem::path recording;
  std::filesystem::path run;
  std::optional<std::string> cells;
  std::string test = "";  ///< "", "none", a number of frames, or "3/6"
  plexiform::TestBlock test_block;
  plexiform::Settings settings;
  bool resume = false;
};

struct RunOptions {
  std::filesystem::path run;
  std::optional<std::filesystem::path> recording;  ///< another recording to score or predict
  std::optional<std::filesystem::path> moved_to;   ///< where the run's own recording is now
  bool rescale = false;                            ///< the other recording to the grid and rate of the run's own
  bool by_row = false;                             ///< cells of the other recording are matched by row, not by name
  std::filesystem::path output;                    ///< predict only
  bool quick = false;                              ///< reveal only
  bool halves = false;                             ///< likewise
  std::string prune = "likelihood";                ///< reveal only, or "autocorrelation"
};

struct CompareOptions {
  std::filesystem::path recording;
  std::filesystem::path folder;
  std::string cells = "all";
  std::string test;  ///< "", "none", a number of frames, or "3/6"
  plexiform::TestBlock test_block;
};

struct StudyOptions {
  std::string kind;       ///< filters, size, data, noise or threshold
  std::string what;       ///< a preset or a recording
  bool recorded = false;  ///< it is a recording
  std::filesystem::path folder;
  std::vector<std::uint64_t> seeds;
  std::vector<double> values;  ///< empty: the usual ones
  std::optional<std::int64_t> frames;
  std::string cells = "all";
  plexiform::Settings settings;
  bool resume = false;
};

struct TransferOptions {
  std::vector<std::filesystem::path> runs;
  std::vector<std::filesystem::path> to;        ///< recordings without a run
  std::vector<std::filesystem::path> moved_to;  ///< where the runs' recordings are now, in their order; or empty
  std::filesystem::path folder;
  std::optional<double> refit;  ///< between cells
  bool rescale = false;         ///< between stimuli
  bool by_row = false;          ///< between stimuli
  bool tune = false;            ///< between stimuli
  std::vector<double> shares;   ///< empty: the usual ones
};

struct DoctorOptions {
  std::string bench;  ///< "", "step" or "machine"
  std::string movie = "20x16x16", second;
  std::int64_t filters = 1, size = 5, frames = 1000, rounds = 0;
  bool separable = false;
  std::filesystem::path data;  ///< folder for what the first step saw and gave
};

struct DemoOptions {
  std::filesystem::path folder = "demo";
};
