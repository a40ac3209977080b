#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/every_field.hpp"
#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/run/comparison_json.hpp"
#include "plexiform/run/fitted_file.hpp"
#include "plexiform/run/flashed_json.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/rates_file.hpp"
#include "plexiform/run/reveal_file.hpp"
#include "plexiform/run/score_json.hpp"
#include "plexiform/run/study_json.hpp"
#include "plexiform/run/subunits_json.hpp"
#include "plexiform/run/transfer_json.hpp"
#include "report/schema.hpp"
#include "run/some_fitted.hpp"

// What each writer writes is what its reader gives, for every member of the structs, and is as its schema says.
namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::expect_error;
using testing::expect_same;
using testing::schema_errors;
using testing::SetAll;
using testing::TemporaryFolder;

/// Cells 4 and 5 of one recording.
const Origin kOrigin{"00aa", {{4, "0b"}, {5, "0c"}}};
const Home kHome{Age::versioned, kOrigin};

const std::vector<std::string> kNone;

RunScore some_score() {
  RunScore score;
  SetAll set;
  set(score);
  for (std::size_t i = 0; i < 2; ++i) {
    CellScore& cell = score.cells[i];
    cell.cell = 4 + static_cast<std::int64_t>(i);
    cell.error.clear();
    cell.n_spikes = 70;
    for (BlockScore& block : cell.blocks) block.spikes = 30 + static_cast<double>(i);
    cell.counts = {3, static_cast<double>(i)};
  }
  return score;
}

CellSubunits some_subunits(SetAll& set) {
  CellSubunits cell;
  set(cell);
  cell.seconds = 0;  // times are in the log alone
  cell.error.clear();
  for (auto* subunits : {&cell.subunits, &cell.suppressive})
    for (Subunit& s : *subunits) set.set_array(s.spatial, {2, 3});
  set.set_array(cell.linear, {2, 3});
  set.set_array(cell.true_spatial, {3, 2, 3});
  cell.true_places.resize(3, {0.5, 1.5});
  cell.truth[0].index = 2;
  cell.truth[1].index = 0;
  cell.suppressive_truth[0].index = 1;
  cell.suppressive_truth[1].index = -1;
  cell.suppressive_truth[1].correlation = 0;
  cell.covariates[0].what = "drift", cell.covariates[1].what = "divisive gain";
  return cell;
}

TEST(Artefacts, AScoreComesBackWithAllItsFields) {
  const TemporaryFolder folder;
  const RunScore score = some_score();
  write_score(folder / "", score, kOrigin);
  RunScore back = read_score(folder / "", kHome);
  const Hdf5File rates = open_rates(layout::rates(folder / ""), kHome);
  for (CellScore& cell : back.cells) EXPECT_TRUE(read_rates(rates, kHome, cell));
  expect_same(back, score);
  EXPECT_EQ(schema_errors(read_text(layout::score(folder / "")), "score.schema.json"), kNone);
}

TEST(Artefacts, AScoreMayLackAllThatCanBeAbsent) {
  const TemporaryFolder folder;
  RunScore score{"test block", std::vector<CellScore>(2)};
  score.cells[0].cell = 4;
  score.cells[0].network.cc = std::nan("");
  score.cells[0].frame = {1};
  score.cells[0].rate = score.cells[0].ln_rate = score.cells[0].counts = {1};
  score.cells[1].cell = 5;
  score.cells[1].error = "no spike";
  write_score(folder / "", score, kOrigin);
  const RunScore back = read_score(folder / "", kHome);
  EXPECT_EQ(back.cells[1].error, "no spike");
  EXPECT_TRUE(std::isnan(back.cells[0].network.cc));
  EXPECT_FALSE(back.cells[0].reliability);
  EXPECT_EQ(schema_errors(read_text(layout::score(folder / "")), "score.schema.json"), kNone);
}

TEST(Artefacts, FittedModelsComeBackWithAllTheirFields) {
  const TemporaryFolder folder;
  fs::create_directories(layout::cell(folder / "", 4));
  const FittedArrays fitted = testing::some_fitted();
  write_fitted(folder / "", 4, fitted, kOrigin);
  expect_same(read_fitted(folder / "", 4, kHome), fitted);
}

TEST(Artefacts, SubunitsComeBackWithAllTheirFields) {
  const TemporaryFolder folder;
  SubunitsFile file;
  SetAll set;
  set(file);
  file.cells = {some_subunits(set), some_subunits(set)};
  file.cells[0].cell = 4;
  file.cells[1].cell = 5;
  write_subunits(folder / "", file, kOrigin);
  write_reveal(folder / "", file.cells, kOrigin);
  SubunitsFile back = read_subunits(folder / "", kHome);
  const Hdf5File maps = open_reveal(folder / "", kHome);
  for (CellSubunits& cell : back.cells) EXPECT_TRUE(read_maps(maps, kHome, cell));
  expect_same(back, file);
  EXPECT_EQ(schema_errors(read_text(layout::subunits(folder / "")), "subunits.schema.json"), kNone);
}

TEST(Artefacts, SubunitsMayLackAllThatCanBeAbsent) {
  const TemporaryFolder folder;
  CellSubunits failed, few, surplus;
  failed.cell = 4;
  failed.name = "a";
  failed.error = "no spike";
  few.cell = 5;
  few.structure.emplace().verdict = Verdict::too_little_data;
  surplus.subunits.resize(1);
  surplus.truth = {{-1, 0}};
  write_subunits(folder / "", {"rec.h5", "", 30, {failed, few, surplus}}, kOrigin);
  const SubunitsFile back = read_subunits(folder / "", kHome);
  ASSERT_EQ(back.cells.size(), 3U);
  EXPECT_EQ(back.cells[0].error, "no spike");
  EXPECT_EQ(back.cells[1].structure->verdict, Verdict::too_little_data);
  ASSERT_EQ(back.cells[2].truth.size(), 1U);
  EXPECT_EQ(back.cells[2].truth[0].index, -1);
  EXPECT_EQ(schema_errors(read_text(layout::subunits(folder / "")), "subunits.schema.json"), kNone);
}

TEST(Artefacts, AComparisonComesBackWithAllItsFields) {
  const TemporaryFolder folder;
  Comparison comparison;
  SetAll set;
  set(comparison);
  for (CellComparison& cell : comparison.cells) {
    cell.n_spikes = 70;
    cell.methods[0].error.clear();
    cell.methods[1] = {};
    cell.methods[1].method = "stc";
    cell.methods[1].error = "no filter";
    cell.methods[1].seconds = 3.5;
  }
  write_comparison(folder / "", comparison, kOrigin);
  expect_same(read_comparison(folder / "", kHome), comparison);
  EXPECT_EQ(schema_errors(read_text(layout::comparison(folder / "")), "comparison.schema.json"), kNone);
}

TEST(Artefacts, AStudyComesBackWithAllItsFields) {
  const TemporaryFolder folder;
  Study study;
  SetAll set;
  set(study);
  study.pieces[0].error.clear();
  study.pieces[1] = {};
  study.pieces[1].seed = 7;
  study.pieces[1].error = "no spike";
  study.rows[1].cc =
      Estimate{0.5, {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()}, 1};
  write_study(folder / "", study, kOrigin);
  expect_same(read_study(folder / "", kHome), study);
  EXPECT_EQ(schema_errors(read_text(layout::study(folder / "")), "study.schema.json"), kNone);

  fs::create_directories(layout::study_pieces(folder / ""));
  write_study_piece(folder / "", "2_7", study.pieces, kOrigin);
  expect_same(read_study_piece(folder / "", "2_7", kHome), study.pieces);
  EXPECT_EQ(schema_errors(read_text(layout::study_piece(folder / "", "2_7")), "study_piece.schema.json"), kNone);
}

TEST(Artefacts, ATransferBetweenCellsComesBackWithAllItsFields) {
  const TemporaryFolder folder;
  CellTransfer transfer;
  SetAll set;
  set(transfer);
  transfer.others[0].model = 1;
  transfer.others[1].model = -1;
  write_transfer(folder / "", transfer, kOrigin);
  expect_same(std::get<CellTransfer>(read_transfer(folder / "")), transfer);
  EXPECT_EQ(schema_errors(read_text(layout::transfer(folder / "")), "transfer.schema.json"), kNone);
}

TEST(Artefacts, ATransferBetweenStimuliComesBackWithAllItsFields) {
  const TemporaryFolder folder;
  StimulusTransfer transfer;
  SetAll set;
  set(transfer);
  for (TransferredCell& cell : transfer.cells) {
    for (auto& row : cell.scores) row[0].error.clear(), row[1] = {}, row[1].error = "no spike";
    for (TuneCurve& curve : cell.curves) {
      curve.from = 1, curve.to = 0;
      curve.points[0].error.clear();
      curve.points[1].score = {};
    }
  }
  transfer.runs[1] = transfer.runs[0];  // names alone would not do
  write_transfer(folder / "", transfer, {kOrigin, {"00ab", {}}});
  expect_same(std::get<StimulusTransfer>(read_transfer(folder / "")), transfer);
  EXPECT_EQ(schema_errors(read_text(layout::transfer(folder / "")), "transfer.schema.json"), kNone);
}

TEST(Artefacts, FlashedImagesComeBackWithAllTheirFields) {
  const TemporaryFolder folder;
  FlashedComparison comparison;
  SetAll set;
  set(comparison);
  comparison.cells[0].error.clear();
  comparison.cells[1] = {};
  comparison.cells[1].error = "no spike";
  write_flashed(folder / "", comparison, kOrigin);
  expect_same(read_flashed(folder / ""), comparison);
  EXPECT_EQ(schema_errors(read_text(layout::flashed(folder / "")), "flashed.schema.json"), kNone);
}

// ---- what is not this folder's, or not of this version

/// Each JSON file, written, then read.
struct JsonFile {
  fs::path path;
  std::function<void(const Home&)> read;
};

std::vector<JsonFile> write_all(const fs::path& folder) {
  fs::create_directories(layout::study_pieces(folder));
  write_score(folder, some_score(), kOrigin);
  write_subunits(folder, {}, kOrigin);
  write_comparison(folder, {}, kOrigin);
  write_study(folder, {}, kOrigin);
  write_study_piece(folder, "1", {}, kOrigin);
  return {{layout::score(folder), [=](const Home& home) { read_score(folder, home); }},
          {layout::subunits(folder), [=](const Home& home) { read_subunits(folder, home); }},
          {layout::comparison(folder), [=](const Home& home) { read_comparison(folder, home); }},
          {layout::study(folder), [=](const Home& home) { read_study(folder, home); }},
          {layout::study_piece(folder, "1"), [=](const Home& home) { read_study_piece(folder, "1", home); }}};
}

void change(const fs::path& path, const std::function<void(json&)>& how) {
  json object = json::parse(read_text(path));
  how(object);
  write_text_atomically(path, object.dump());
}

TEST(Artefacts, AnotherVersionKindOriginOrNoneIsRefused) {
  for (std::size_t i = 0; i < 5; ++i) {
    const TemporaryFolder folder;
    const JsonFile file = write_all(folder / "")[i];
    const std::string name = file.path.filename().string();
    const auto whole = read_text(file.path);
    const auto refused = [&](const std::vector<std::string>& words, const std::function<void(json&)>& how,
                             const Home& home = kHome) {
      change(file.path, how);
      std::vector<std::string> all = words;
      all.push_back(name);
      expect_error(ErrorKind::damaged, all, [&] { file.read(home); });
      write_text_atomically(file.path, whole);
    };
    file.read(kHome);
    refused({"found version 9", "expected plexiform-"}, [](json& o) { o["version"] = 9; });
    refused({"found no version"}, [](json& o) { o["version"] = "1"; });
    refused({"the format 'plexiform-other'", "expected plexiform-"}, [](json& o) { o["format"] = "plexiform-other"; });
    refused({"neither format nor version", "expected plexiform-"},
            [](json& o) { o.erase("format"), o.erase("version"); });
    refused({"no format"}, [](json& o) { o.erase("format"); });
    refused({"another recording", "00aa", "00ab"}, [](json&) {}, {Age::versioned, {"00ab", {}}});
    refused({"another model of cell 4", "0b", "0d"}, [](json&) {}, {Age::versioned, {"", {{4, "0d"}}}});
    refused({"has no checksum of the recording", "00aa"}, [](json& o) { o["checksums"].erase("recording"); });
    refused({"'checksums' is missing"}, [](json& o) { o.erase("checksums"); });
    refused({"'recording' is number"}, [](json& o) { o["checksums"]["recording"] = 3; });
    write_text_atomically(file.path, whole.substr(0, whole.size() / 2));
    expect_error(ErrorKind::damaged, {name, "damaged"}, [&] { file.read(kHome); });
    write_text_atomically(file.path, "[]");
    expect_error(ErrorKind::damaged, {name, "found a JSON array, expected an object"}, [&] { file.read(kHome); });
    fs::remove(file.path);
    expect_error(ErrorKind::missing, {name, "no such file"}, [&] { file.read(kHome); });
  }
}

TEST(Artefacts, AResultOfACellWithoutTheChecksumOfItsModelIsRefused) {
  const TemporaryFolder folder;
  write_score(folder / "", some_score(), {"00aa", {{5, "0c"}}});
  expect_error(ErrorKind::damaged, {"score.json", "no checksum of the model of cell 4", "0b"},
               [&] { read_score(folder / "", kHome); });
  SubunitsFile file;
  SetAll set;
  file.cells = {some_subunits(set)};
  file.cells[0].cell = 4;
  write_subunits(folder / "", file, {"00aa", {}});
  write_reveal(folder / "", file.cells, {"00aa", {}});
  expect_error(ErrorKind::damaged, {"subunits.json", "no checksum of the model of cell 4"},
               [&] { read_subunits(folder / "", kHome); });
  CellSubunits cell = file.cells[0];
  expect_error(ErrorKind::damaged, {"reveal.h5", "no checksum of the model of cell 4"},
               [&] { read_maps(open_reveal(folder / "", kHome), kHome, cell); });
}

TEST(Artefacts, TransfersAndFlashedImagesOfOtherRecordingsAreRefused) {
  const TemporaryFolder folder;
  const Home other{Age::any, {"00ab", {}}};
  write_transfer(folder / "", StimulusTransfer{}, {kOrigin, {"00ab", {}}});
  read_transfer(folder / "", {kHome, other});
  expect_error(ErrorKind::damaged, {"transfer.json", "another recording", "00ab", "00aa"}, [&] {
    read_transfer(folder / "", {kHome, kHome});
  });
  expect_error(ErrorKind::damaged, {"transfer.json", "'checksums' is of 2 recordings, expected 1"},
               [&] { read_transfer(folder / "", {kHome}); });
  write_flashed(folder / "", {}, kOrigin);
  expect_error(ErrorKind::damaged, {"flashed.json", "another recording", "00aa", "00ab"},
               [&] { read_flashed(folder / "", other); });
}

TEST(Artefacts, AFileFromBeforeVersionsIsReadWhereItsFolderHasNone) {
  for (std::size_t i = 0; i < 5; ++i) {
    const TemporaryFolder folder;
    const JsonFile file = write_all(folder / "")[i];
    change(file.path, [](json& o) {
      for (const char* key : {"format", "version", "checksums"}) o.erase(key);
    });
    file.read({Age::any, kOrigin});
  }
}

TEST(Artefacts, ArraysOfAnotherVersionKindOrOriginAreRefused) {
  const TemporaryFolder folder;
  write_score(folder / "", some_score(), kOrigin);
  const auto path = layout::rates(folder / "");
  const auto write_head = [&](const char* format, double version) {
    Hdf5File file = Hdf5File::create(path);
    file.set_text("/", "format", format);
    file.set_number("/", "version", version);
    file.close();
  };
  CellScore cell;
  cell.cell = 4;
  const Home other{Age::versioned, {"00aa", {{4, "0d"}}}};
  expect_error(ErrorKind::damaged, {"rates.h5", "another model of cell 4", "0b", "0d"},
               [&] { read_rates(open_rates(path, other), other, cell); });
  expect_error(ErrorKind::damaged, {"rates.h5", "another recording"}, [&] {
    open_rates(path, {Age::versioned, {"00ab", {}}});
  });
  write_head("plexiform-rates", 3);
  expect_error(ErrorKind::damaged, {"rates.h5", "found version 3", "plexiform-rates of version 1 to 2"},
               [&] { open_rates(path, kHome); });
  write_head("plexiform-reveal", 1);
  expect_error(ErrorKind::damaged, {"rates.h5", "'plexiform-reveal'"}, [&] { open_rates(path, kHome); });
  write_head("plexiform-rates", 1);
  open_rates(path, kHome);
  write_text_atomically(path, "not HDF5");
  expect_error(ErrorKind::damaged, {"rates.h5"}, [&] { open_rates(path, kHome); });
}

TEST(Artefacts, AFieldOfAnotherTypeIsNamedWithItsFile) {
  const TemporaryFolder folder;
  const auto files = write_all(folder / "");
  change(files[0].path, [](json& o) { o["cells"][0]["cc"] = "high"; });
  expect_error(ErrorKind::damaged, {"score.json", "'cc' is string, expected number"}, [&] { files[0].read(kHome); });
  change(files[3].path, [](json& o) { o["study"] = "weather"; });
  expect_error(ErrorKind::damaged, {"study.json", "'study'", "unknown study 'weather'"}, [&] { files[3].read(kHome); });
}

}  // namespace
}  // namespace plexiform
