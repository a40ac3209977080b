// Files of a newer version, of another kind, or without a version where one is needed are refused by each reader; those
// of the other JSON files are in artefacts_test.cpp, that of model.pt in tests/jobs.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/run/fitted_file.hpp"
#include "plexiform/run/flashed_json.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/reveal_file.hpp"
#include "plexiform/run/transfer_json.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::expect_error;
using testing::TemporaryFolder;

constexpr std::int64_t kCell = 4;
const Home kHome{Age::versioned, {"00aa", {{kCell, "0b"}}}};

/// The head of an HDF5 file; what is absent is left out.
struct Head {
  std::optional<std::string> format;
  std::optional<double> version;
  std::string recording = {};
};

/// A reader of an HDF5 file, whose head is checked before what is in it.
struct ArrayFile {
  ArtefactKind kind;
  fs::path path;
  std::function<void(const Home&)> read;

  void write(const Head& head) const {
    Hdf5File file = Hdf5File::create(path);
    if (head.format) file.set_text("/", "format", *head.format);
    if (head.version) file.set_number("/", "version", *head.version);
    if (!head.recording.empty()) file.set_text("/", "recording", head.recording);
    file.close();
  }
};

std::vector<ArrayFile> array_files(const fs::path& folder) {
  fs::create_directories(layout::cell(folder, kCell));
  return {
      {artefacts::fitted, layout::fitted(folder, kCell), [=](const Home& home) { read_fitted(folder, kCell, home); }},
      {artefacts::reveal, layout::reveal(folder), [=](const Home& home) { open_reveal(folder, home); }}};
}

TEST(Refusals, ArraysOfANewerVersionAnotherKindOrWithoutAVersion) {
  const TemporaryFolder folder;
  for (const ArrayFile& file : array_files(folder / "")) {
    const std::string name = file.path.filename().string(), format = file.kind.format;
    const auto refused = [&](const Head& head, std::vector<std::string> words, const Home& home = kHome) {
      file.write(head);
      words.push_back(name);
      expect_error(ErrorKind::damaged, words, [&] { file.read(home); });
    };
    const int newer = file.kind.version + 1;
    refused({format, newer}, {"found version " + std::to_string(newer), "expected " + format + " of version 1 to "});
    refused({format, 0}, {"no version that exists"});
    refused({format, 1.5}, {"no version that exists"});
    refused({"plexiform-rates", 1}, {"the format 'plexiform-rates'", "expected " + format});
    refused({{}, {}}, {"neither format nor version", "expected " + format});
    for (const Age age : {Age::versioned, Age::any}) {
      refused({format, {}}, {"found no version"}, {age, {}});
      refused({{}, 1}, {"found no format"}, {age, {}});
    }
    refused({format, 1, "00ab"}, {"another recording", "00ab", "00aa"});
    write_text_atomically(file.path, "not HDF5");
    expect_error(ErrorKind::damaged, {name}, [&] { file.read(kHome); });
    fs::remove(file.path);
    expect_error(ErrorKind::missing, {name, "no such file"}, [&] { file.read(kHome); });
  }
}

TEST(Refusals, MapsWithoutAVersionAreReadInAFolderWithoutVersions) {
  const TemporaryFolder folder;
  const ArrayFile reveal = array_files(folder / "")[1];
  reveal.write({{}, {}});
  EXPECT_NO_THROW(reveal.read({Age::any, {}}));
  reveal.write({reveal.kind.format, reveal.kind.version, "00aa"});
  EXPECT_NO_THROW(reveal.read(kHome));
  reveal.write({reveal.kind.format, reveal.kind.version});
  expect_error(ErrorKind::damaged, {"no checksum of the recording"}, [&] { reveal.read(kHome); });
}

TEST(Refusals, FittedModelsOfAnotherModel) {
  const TemporaryFolder folder;
  const ArrayFile fitted = array_files(folder / "")[0];
  Hdf5File file = Hdf5File::create(fitted.path);
  file.set_text("/", "format", fitted.kind.format);
  file.set_number("/", "version", fitted.kind.version);
  file.set_text("/", "recording", "00aa");
  file.set_text("/", "model", "0d");
  file.close();
  expect_error(ErrorKind::damaged, {"fitted.h5", "another model of cell 4", "0d", "0b"}, [&] { fitted.read(kHome); });
}

/// Transfers and flashed images lie in folders that have no settings of their own, so that a file without a head may be
/// one from before there were versions; half a head is none.
struct HeadlessFile {
  ArtefactKind kind;
  fs::path path;
  std::function<void()> read;
};

std::vector<HeadlessFile> headless_files(const fs::path& folder) {
  fs::create_directories(folder / "cells");
  fs::create_directories(folder / "stimuli");
  write_transfer(folder / "cells", CellTransfer{}, Origin{});
  write_transfer(folder / "stimuli", StimulusTransfer{}, std::vector<Origin>{});
  write_flashed(folder, {}, {});
  return {{artefacts::transfer, layout::transfer(folder / "cells"), [=] { read_transfer(folder / "cells"); }},
          {artefacts::transfer, layout::transfer(folder / "stimuli"), [=] { read_transfer(folder / "stimuli"); }},
          {artefacts::flashed, layout::flashed(folder), [=] { read_flashed(folder); }}};
}

TEST(Refusals, TransfersAndFlashedImagesOfANewerVersionAnotherKindOrHalfAHead) {
  const TemporaryFolder folder;
  for (const HeadlessFile& file : headless_files(folder / "")) {
    const std::string name = file.path.filename().string(), whole = read_text(file.path);
    const auto refused = [&](std::vector<std::string> words, const std::function<void(json&)>& change) {
      json object = json::parse(whole);
      change(object);
      write_text_atomically(file.path, object.dump());
      words.push_back(name);
      expect_error(ErrorKind::damaged, words, file.read);
      write_text_atomically(file.path, whole);
    };
    EXPECT_NO_THROW(file.read());
    refused({"found version 9", std::string("expected ") + file.kind.format}, [](json& o) { o["version"] = 9; });
    refused({"no version that exists"}, [](json& o) { o["version"] = "1"; });
    refused({"the format 'plexiform-score'"}, [](json& o) { o["format"] = "plexiform-score"; });
    refused({"found no version"}, [](json& o) { o.erase("version"); });
    refused({"found no format"}, [](json& o) { o.erase("format"); });
    write_text_atomically(file.path, whole.substr(0, whole.size() / 2));
    expect_error(ErrorKind::damaged, {name, "damaged"}, file.read);
    write_text_atomically(file.path, "[]");
    expect_error(ErrorKind::damaged, {name, "found a JSON array, expected an object"}, file.read);
    fs::remove(file.path);
    expect_error(ErrorKind::missing, {name, "no such file"}, file.read);
  }
}

TEST(Refusals, TransfersAndFlashedImagesFromBeforeVersionsAreRead) {
  const TemporaryFolder folder;
  for (const HeadlessFile& file : headless_files(folder / "")) {
    json object = json::parse(read_text(file.path));
    for (const char* key : {"format", "version", "checksums"}) object.erase(key);
    write_text_atomically(file.path, object.dump());
    EXPECT_NO_THROW(file.read()) << file.path;
  }
}

TEST(Refusals, ATransferIsBetweenCellsOrBetweenStimuli) {
  const TemporaryFolder folder;
  const HeadlessFile file = headless_files(folder / "")[0];
  json object = json::parse(read_text(file.path));
  object["kind"] = "planets";
  write_text_atomically(file.path, object.dump());
  expect_error(ErrorKind::damaged, {"transfer.json", "kind", "planets"}, file.read);
}

}  // namespace
}  // namespace plexiform
