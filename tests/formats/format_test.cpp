#include "plexiform/formats/format.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/formats/common.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "recording/support.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using testing::expect_error;
using testing::TemporaryFolder;

/// A movie of 12 frames, counts of 2 cells, spikes of 2 cells at 10 frames a second.
struct Files {
  TemporaryFolder folder;
  fs::path stimulus = folder / "stim.npy", counts = folder / "counts.npy", spikes = folder / "spikes.txt";

  Files() {
    NdArray<float> movie({12, 3, 4}), numbers({2, 12});
    for (std::size_t i = 0; i < movie.values.size(); ++i) movie.values[i] = static_cast<float>(i % 7) - 3;
    for (std::size_t i = 0; i < numbers.values.size(); ++i) numbers.values[i] = static_cast<float>(i % 5);
    write_npy(stimulus, movie);
    write_npy(counts, numbers);
    write_text_atomically(spikes, "0.01 0.06 0.11 0.17 0.62 1.19\n0.33 0.34 0.9\n");
  }
  OptionValues arrays() const { return {{"stimulus", stimulus}, {"counts", counts}, {"frame_rate", 30.0}}; }
  OptionValues times() const {
    return {{"stimulus", stimulus}, {"spikes", spikes}, {"frame_rate", 10.0}, {"start", 0.0}};
  }
};

TEST(Formats, EachHasANameAndParametersOfItsOwn) {
  std::set<std::string> names;
  for (const Format& format : formats()) {
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_FALSE(format.about.empty());
    std::set<std::string> options;
    for (const auto& option : format.options) {
      EXPECT_TRUE(options.insert(option.name).second) << format.name << " has " << option.name << " twice";
      EXPECT_FALSE(option.about.empty()) << format.name << " " << option.name;
      EXPECT_EQ(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << option.name;
      EXPECT_TRUE(option.need == Need::optional || !option.example.empty()) << format.name << " " << option.name;
    }
    EXPECT_EQ(&format_of(format.name), &format);
  }
  expect_error(ErrorKind::usage, {"'array'", "did you mean 'arrays'"}, [] { format_of("array"); });
}

TEST(Formats, AReaderWritesNothing) {
  const Files files;
  const auto entries = files.folder.entries();
  const Recording recording = format_of("arrays").read(files.arrays());
  EXPECT_EQ(recording.bins(), 12);
  EXPECT_EQ(format_of("spikes").read(files.times()).bins(), 12);
  EXPECT_EQ(files.folder.entries(), entries);
}

TEST(Formats, ParametersAreChecked) {
  const Files files;
  const auto refused = [&](const std::string& name, const std::optional<OptionValue>& value,
                           const std::vector<std::string>& words) {
    OptionValues values = files.arrays();
    values.erase(name);
    if (value) values[name] = *value;
    expect_error(ErrorKind::usage, words, [&] { format_of("arrays").read(values); });
  };
  refused("count", fs::path("x"), {"arrays takes no count", "did you mean counts"});
  refused("stimulus", std::nullopt, {"arrays needs stimulus"});
  refused("frame_rate", std::string("30"), {"frame_rate is of another type", "a number"});
  refused("frame_rate", 0.0, {"frame_rate is 0", "above 0"});
  refused("lag_offset", 1.5, {"lag_offset is of another type", "a whole number"});
  expect_error(ErrorKind::usage, {"order is 'zz'", "xy or yx"}, [&] {
    format_of("counts").read({{"counts", files.counts},
                              {"seed", std::int64_t{-1}},
                              {"width", std::int64_t{4}},
                              {"height", std::int64_t{3}},
                              {"frame_rate", 30.0},
                              {"order", std::string("zz")}});
  });
  OptionValues whole = files.arrays();
  whole["frame_rate"] = std::int64_t{30};  // a number may be whole
  EXPECT_EQ(format_of("arrays").read(whole).frame_rate, 30);
}

TEST(Formats, AreRecognisedByWhatAFileHolds) {
  const Files files;
  const auto names = [](const fs::path& path) {
    const auto list = formats_that_recognise(path);
    return std::set<std::string>(list.begin(), list.end());
  };
  EXPECT_TRUE(names(files.counts).contains("arrays"));
  EXPECT_TRUE(names(files.counts).contains("counts"));
  EXPECT_FALSE(names(files.counts).contains("spikes"));
  EXPECT_EQ(names(files.spikes), std::set<std::string>{"spikes"});
  EXPECT_TRUE(names(files.folder / "absent").empty());
  std::ofstream(files.folder / "noise.bin", std::ios::binary) << std::string(1000, '\xff');
  EXPECT_TRUE(names(files.folder / "noise.bin").empty());
}

TEST(Formats, CellsWithoutNamesStayWithout) {
  const Files files;
  EXPECT_EQ(format_of("arrays").read(files.arrays()).names, (std::vector<std::string>{"", ""}));
  write_text_atomically(files.folder / "table.txt", "cell time\n0 0.1\n1 0.2\n");
  OptionValues values = files.times();
  values["spikes"] = files.folder / "table.txt";
  EXPECT_EQ(format_of("spikes").read(values).names, (std::vector<std::string>{"", ""}));
}

TEST(Formats, ANameThatIsThereTwiceIsRefusedWithFileAndLine) {
  const Files files;
  write_text_atomically(files.folder / "names.txt", "a\n\na\r\n");
  OptionValues values = files.arrays();
  values["names"] = files.folder / "names.txt";
  expect_error(ErrorKind::data, {"names.txt: line 3 is 'a', as line 1"}, [&] { format_of("arrays").read(values); });
  testing::expect_place({files.folder / "names.txt", "line 3", {}}, [&] { format_of("arrays").read(values); });
  write_text_atomically(files.folder / "names.txt", "a\r\nb\n");
  EXPECT_EQ(format_of("arrays").read(values).names, (std::vector<std::string>{"a", "b"}));
}

TEST(Formats, AByteOrderMarkIsNoPartOfAName) {
  const Files files;
  OptionValues values = files.arrays();
  values["names"] = files.folder / "names.txt";
  write_text_atomically(files.folder / "names.txt",
                        "\xEF\xBB\xBF"
                        "a\nb\n");
  EXPECT_EQ(format_of("arrays").read(values).names, (std::vector<std::string>{"a", "b"}));
}

TEST(Formats, ALightLevelNeedsItsUnit) {
  const Files files;
  OptionValues values = files.arrays();
  values["mean_light"] = 12.5;
  expect_error(ErrorKind::usage, {"without its unit"}, [&] { format_of("arrays").read(values); });
  values["mean_light_unit"] = std::string("cd/m2");
  const auto light = format_of("arrays").read(values).mean_light;
  ASSERT_TRUE(light);
  EXPECT_EQ(light->value, 12.5);
  EXPECT_EQ(light->unit, "cd/m2");
}

TEST(Formats, ABinNeedNotBeAFrame) {
  const Files files;
  OptionValues values = files.arrays();
  values["bins_per_frame"] = std::int64_t{2};
  expect_error(ErrorKind::data, {"12 counts", "24 bins (2 to 1 frame)"}, [&] { format_of("arrays").read(values); });
  NdArray<float> counts({1, 24}, 1);
  write_npy(files.counts, counts);
  const Recording halves = format_of("arrays").read(values);
  EXPECT_EQ(halves.stimulus->frames(), 24);
  EXPECT_EQ(displayed_movie(halves)->frames(), 12);
  EXPECT_EQ(bins_per_second(halves), 60);
  values["lag_offset"] = std::int64_t{1};
  EXPECT_EQ(format_of("arrays").read(values).segments, (std::vector<Segment>{{0, 22, 2, 0, -1}}));
  values.erase("bins_per_frame");
  values["frames_per_bin"] = std::int64_t{3};
  expect_error(ErrorKind::usage, {"the lag offset is 1 frame", "multiple of the 3 frames"},
               [&] { format_of("arrays").read(values); });
}

TEST(Formats, RebinningKeptSpikeTimesIsAnImportAtThatBin) {
  const Files files;
  OptionValues values = files.times();
  write_recording(files.folder / "spikes.h5", format_of("spikes").read(values));
  for (const auto& [name, number] : std::vector<std::pair<std::string, std::int64_t>>{
           {"bins_per_frame", 2}, {"bins_per_frame", 5}, {"frames_per_bin", 2}, {"frames_per_bin", 4}}) {
    OptionValues other = values;
    other[name] = number;
    const Recording imported = format_of("spikes").read(other);
    const Recording rebinned = format_of("rebin").read({{"recording", files.folder / "spikes.h5"}, {name, number}});
    EXPECT_EQ(imported.counts.values, rebinned.counts.values) << name << number;
    EXPECT_EQ(imported.segments, rebinned.segments) << name << number;
    EXPECT_EQ(imported.stimulus->frames(), rebinned.stimulus->frames());
    EXPECT_EQ(bins_per_second(imported), bins_per_second(rebinned));
  }
  write_recording(
      files.folder / "counts.h5",
      format_of("arrays").read({{"stimulus", files.stimulus}, {"counts", files.counts}, {"frame_rate", 30.0}}));
  expect_error(ErrorKind::data, {"counts.h5", "keeps no spike times"}, [&] {
    format_of("rebin").read({{"recording", files.folder / "counts.h5"}});
  });
}

}  // namespace
}  // namespace plexiform
