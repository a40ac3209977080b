#include "plexiform/report/page.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/report/packed_impl.hpp"
#include "plexiform/run/cell_done.hpp"
#include "plexiform/run/fitted_file.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/reveal_file.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/run/score_json.hpp"
#include "plexiform/run/study_json.hpp"
#include "plexiform/run/subunits_json.hpp"
#include "schema.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::expect_error;
using testing::schema_errors;

constexpr const char* kHostile = "</script><script>alert(1)</script>\" onload='x'";

/// Bytes of base64, by the definition.
std::vector<std::uint8_t> bytes_of(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<unsigned>(digits.find(c));
    if ((held += 6) >= 8) bytes.push_back(static_cast<std::uint8_t>(bits >> (held -= 8) & 255U));
  }
  return bytes;
}

std::vector<double> unpacked(const json& p) {
  const auto bytes = bytes_of(p.at("data"));
  std::vector<double> values;
  if (p.at("type") == "u8") {
    for (const auto b : bytes) values.push_back(p.at("scale").get<double>() * b);
    return values;
  }
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto n = static_cast<std::int16_t>(bytes[i] | bytes[i + 1] << 8);
    values.push_back(n == -32768 ? std::nan("") : p.at("scale").get<double>() * n);
  }
  return values;
}

template <class T = double>
NdArray<T> numbered(std::vector<std::int64_t> shape, T first) {
  NdArray<T> array(std::move(shape));
  std::iota(array.values.begin(), array.values.end(), first);
  return array;
}

/// A run of two cells, the first with all that verbs leave, the second failed.
class RunPage : public ::testing::Test {
 protected:
  void SetUp() override {
    RunInfo info;
    info.recording = "/data/rec.h5";
    info.checksum = "00ff";
    info.seed = 7;
    info.threads = 2;
    info.cells = {3, 4};
    info.names = {{3, kHostile}, {4, "silent"}};
    info.geometry = Geometry{{1, 6, 8}, 30, 25.0};
    create_run(run(), info);
    fs::create_directories(run() / "cell_3");
    fs::create_directories(run() / "cell_4");
    mark_done(run());
    set_cell_error(run() / "cell_4", "no spike in the training blocks");
  }
  fs::path run() const { return folder_ / "run"; }
  json page() const { return json::parse(page_json(run())); }

  Origin origin() const { return origin_of(run(), read_run(run())); }

  /// The fit of cell 3 has ended, with the model that is there.
  void write_models() const {
    if (!fs::exists(layout::model(run(), 3))) write_text_atomically(layout::model(run(), 3), "of the fit");
    FittedArrays f;
    f.x = 2, f.y = 1;
    f.found_by = "average";
    f.average = numbered<float>({4, 3, 3}, -10);
    f.spatial = numbered<float>({1, 3, 3}, 0.5F);
    f.temporal = numbered<float>({1, 4}, -0.5F);
    f.map = numbered<float>({1, 3, 3}, 0);
    f.subunits = "relu";
    f.map_x = 2.5, f.map_y = 1;
    f.ln_spatial = numbered<float>({3, 3}, 1);
    f.ln_temporal = numbered<float>({4}, -3.5F);
    for (auto* curve : {&f.output, &f.ln_output})
      for (auto* array : {&curve->drive, &curve->rate, &curve->seen_drive, &curve->seen_rate, &curve->seen_error})
        *array = numbered<float>({5}, 0.25F);
    write_fitted(run(), 3, f, origin());
    mark_cell_done(run(), read_run(run()), 3);
  }
  void write_revealed() const {
    CellSubunits cell, failed;
    cell.cell = 3;
    cell.name = "x";
    cell.resampled_numbers = {2, 2};
    cell.structure.emplace().verdict = Verdict::structured;
    cell.structure->p_value = 0.01;
    cell.subunits.resize(2);
    for (Subunit& s : cell.subunits) s.spatial = NdArray<float>({6, 8}), s.temporal = {-1, 0, 1, 2};
    cell.subunits[0].spatial.row(1)[2] = 1, cell.subunits[1].spatial.row(3)[5] = 0.5F;
    cell.subunits[0].place = {2, 1}, cell.subunits[1].place = {5, 3};
    cell.subunits[0].weight = 0.6, cell.subunits[1].weight = 0.4;
    cell.linear = NdArray<float>({6, 8});
    cell.linear.row(2)[3] = 1;
    failed.cell = 4;
    failed.name = "silent";
    failed.error = "no spike";
    write_subunits(run(), {"rec.h5", "", 30, {cell, failed}}, origin());
    write_reveal(run(), {cell, failed}, origin());
  }
  void write_scored(const std::vector<std::int64_t>& frame) const {
    RunScore score{"test block", std::vector<CellScore>(2)};
    CellScore& cell = score.cells[0];
    cell.cell = 3;
    cell.network.cc = 0.5;
    cell.n_spikes = 9;
    cell.subunits = "relu";
    cell.bits_gain = {0, std::numeric_limits<double>::quiet_NaN()};
    cell.frame = frame;
    cell.rate = numbered<double>({static_cast<std::int64_t>(frame.size())}, 0).values;
    cell.ln_rate = cell.counts = cell.rate;
    score.cells[1].cell = 4;
    score.cells[1].error = "no spike";
    write_score(run(), score, origin());
  }

  testing::TemporaryFolder folder_;
};

TEST(Packed, ComesBackWithinHalfAStep) {
  NdArray<double> array({2, 3});
  array.values = {-2, 0, 1e-3, 0.5, std::numeric_limits<double>::quiet_NaN(), 1.75};
  const json p = packed(array);
  EXPECT_EQ(p.at("type"), "i16");
  EXPECT_EQ(p.at("shape"), json({2, 3}));
  const auto back = unpacked(p);
  ASSERT_EQ(back.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i)
    if (std::isnan(array.values[i]))
      EXPECT_TRUE(std::isnan(back[i]));
    else
      EXPECT_NEAR(back[i], array.values[i], 2.0 / 65534);
}

TEST(Packed, SmallCountsAreExactAndShort) {
  for (std::int64_t n : {0, 1, 2, 3, 4, 256}) {
    const NdArray<double> array = numbered({n}, 0.0);
    const json p = packed(array);
    EXPECT_EQ(p.at("type"), "u8");
    EXPECT_EQ(unpacked(p), array.values);
  }
  EXPECT_EQ(packed(numbered({2}, 255.0)).at("type"), "i16");
}

TEST_F(RunPage, OfAFitAloneSaysWhatIsMissing) {
  const json p = page();
  EXPECT_EQ(schema_errors(p.dump()), std::vector<std::string>{});
  EXPECT_EQ(p["kind"], "run");
  EXPECT_EQ(p["missing"].size(), 2U);
  EXPECT_EQ(p["cells"].size(), 2U);
  EXPECT_EQ(p["cells"][1]["error"], "no spike in the training blocks");
  EXPECT_EQ(p["recording"], json({{"name", "rec.h5"},
                                  {"channels", 1},
                                  {"rows", 6},
                                  {"columns", 8},
                                  {"frame_rate", 30.0},
                                  {"pixel_um", 25.0}}));
  EXPECT_EQ(p["made"]["seed"], "7");
  EXPECT_EQ(p["made"]["files"][0]["checksum"], "00ff");
  EXPECT_GT(p["made"]["settings"].size(), 20U);
}

TEST_F(RunPage, HoldsAllThatWasMade) {
  write_models();
  write_revealed();
  write_scored({10, 11, 12, 10, 11, 12});
  write_text_atomically(run() / "cell_3" / "metrics.jsonl",
                        "{\"fit\":\"start0\",\"pass\":1,\"validation_loss\":0.5}\n"
                        "{\"fit\":\"ln0\",\"pass\":1,\"validation_loss\":null}\n{damaged}\n{\"fit\":3}\n"
                        "{\"fit\":\"start0\",\"pass\":2,\"validation_loss\":0.25}\n{\"fit\":\"sta");
  write_text_atomically(
      run() / "metrics.jsonl",
      "{\"event\":\"called\",\"command\":\"plexiform fit rec.h5 -o run\",\"version\":\"0.0.9\",\"sources\":[]}\n"
      "{\"event\":\"done\",\"cell\":3,\"seconds\":1.5}\n");
  const json p = page();
  EXPECT_EQ(schema_errors(p.dump()), std::vector<std::string>{});
  EXPECT_FALSE(p.contains("missing"));
  EXPECT_EQ(p["made"]["commands"], json({{{"command", "plexiform fit rec.h5 -o run"}, {"version", "0.0.9"}}}));
  const json& cell = p["cells"][0];
  EXPECT_EQ(cell["name"], kHostile);
  EXPECT_EQ(cell["type"], "OFF");
  EXPECT_EQ(cell["seconds"], 1.5);
  EXPECT_EQ(cell["score"]["cc"], 0.5);
  EXPECT_EQ(cell["revealed"]["subunits"].size(), 2U);
  EXPECT_NEAR(unpacked(cell["average"]["values"]).front(), -10, 26.0 / 65534);
  EXPECT_EQ(cell["network"]["map_corner"], json({{"x", 2.5}, {"y", 1.0}}));
  EXPECT_EQ(cell["training"],
            json({{{"fit", "start0"}, {"loss", {0.5, 0.25}}}, {{"fit", "ln0"}, {"loss", {nullptr}}}}));
  // The maps are cut to what they hold: rows 1 to 3, columns 2 to 5.
  EXPECT_EQ(cell["maps"]["corner"], json({{"x", 2.0}, {"y", 1.0}}));
  EXPECT_EQ(cell["maps"]["spatial"]["shape"], json({2, 3, 4}));
  const auto spatial = unpacked(cell["maps"]["spatial"]);
  EXPECT_NEAR(spatial[0], 1, 1e-4);
  EXPECT_NEAR(spatial[23], 0.5, 1e-4);
  // Three frames in two trials.
  EXPECT_EQ(unpacked(cell["trace"]["counts"]), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(cell["raster"]["counts"]["shape"], json({2, 3}));
  EXPECT_EQ(unpacked(cell["raster"]["counts"]), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(unpacked(cell["raster"]["rate"]), (std::vector<double>{0, 1, 2}));
}

TEST_F(RunPage, WithoutRepeatsThereIsNoRaster) {
  write_scored({10, 11, 12, 13, 14, 15});
  const json p = page();
  EXPECT_EQ(schema_errors(p.dump()), std::vector<std::string>{});
  EXPECT_TRUE(p["cells"][0].contains("trace"));
  EXPECT_FALSE(p["cells"][0].contains("raster"));
}

TEST_F(RunPage, DamagedFilesAreNamed) {
  write_revealed();
  write_scored({10, 11});
  const std::string whole = read_text(layout::score(run()));
  write_text_atomically(layout::score(run()), whole.substr(0, 20));
  expect_error(ErrorKind::damaged, {"score.json", "damaged"}, [&] { page(); });
  json scored = json::parse(whole);
  scored.erase("scored_on");
  write_text_atomically(layout::score(run()), scored.dump());
  expect_error(ErrorKind::damaged, {"score.json", "'scored_on' is missing"}, [&] { page(); });
  scored = json::parse(whole);
  scored["cells"][0]["cc"] = "high";
  write_text_atomically(layout::score(run()), scored.dump());
  expect_error(ErrorKind::damaged, {"score.json", "'cc' is string, expected number"}, [&] { page(); });
  fs::remove(layout::score(run()));
  {
    Hdf5File file = Hdf5File::create(layout::reveal(run()));
    set_head(file, artefacts::reveal, origin());
    file.write("/cell_3/spatial", numbered({2, 6, 8}, 1.0));
    file.write("/cell_3/temporal", numbered({2, 4}, 1.0));
    file.write("/cell_3/linear", numbered({5, 8}, 1.0));
    file.close();
  }
  expect_error(ErrorKind::damaged, {"reveal.h5", "/cell_3", "maps of one grid"}, [&] { page(); });
  expect_error(ErrorKind::missing, {"nowhere", "no such folder"}, [&] { page_json(folder_ / "nowhere"); });
  fs::create_directories(folder_ / "empty");
  expect_error(ErrorKind::missing, {"holds nothing that a page could show"}, [&] { page_json(folder_ / "empty"); });
}

TEST_F(RunPage, WhatIsOfAnotherModelThanTheRunsIsRefused) {
  write_models();
  write_revealed();
  write_scored({10, 11});
  page();
  write_text_atomically(layout::model(run(), 3), "of another fit");
  expect_error(ErrorKind::damaged, {"cell_3/model.pt", "is not what the fit of this cell left"}, [&] { page(); });
  mark_cell_done(run(), read_run(run()), 3);  // but what was made from the first one is still there
  expect_error(ErrorKind::damaged, {"score.json", "another model of cell 3"}, [&] { page(); });
  write_scored({10, 11});
  expect_error(ErrorKind::damaged, {"subunits.json", "another model of cell 3"}, [&] { page(); });
  write_revealed();
  expect_error(ErrorKind::damaged, {"fitted.h5", "another model of cell 3"}, [&] { page(); });
  write_models();
  page();
}

TEST_F(RunPage, OfAFitThatGoesOnShowsWhatCannotChangeAnyMore) {
  write_text_atomically(layout::model(run(), 3), "of a checkpoint");
  write_scored({10, 11});
  write_text_atomically(layout::model(run(), 3), "of the next one");
  const json p = page();
  EXPECT_TRUE(p["cells"][0].contains("score"));
  EXPECT_FALSE(p["cells"][0].contains("network"));
  EXPECT_EQ(p["checksums"], json({{"recording", "00ff"}, {"models", json::object()}}));
  write_models();
  write_scored({10, 11});
  EXPECT_EQ(page()["checksums"]["models"]["3"], checksum(layout::model(run(), 3)));
}

TEST_F(RunPage, WhatIsMissingIsSaidAsItsCallerSays) {
  const auto how = [&](MissingPart part, const fs::path& of) {
    EXPECT_EQ(of, run());
    return std::string(part == MissingPart::score ? "call score()" : "call reveal()");
  };
  const json p = json::parse(page_json(run(), how));
  EXPECT_EQ(p["missing"], json({"not scored: call score()", "no subunits revealed: call reveal()"}));
  EXPECT_EQ(page()["missing"], json({"not scored", "no subunits revealed"}));
}

TEST_F(RunPage, ResultsWithoutTheirContentAreRefused) {
  fs::create_directories(folder_ / "result");
  for (const char* file : {"compare.json", "study.json", "transfer.json", "flashed.json"})
    for (const char* text : {"{}", "[]", R"({"cells":5})"}) {
      write_text_atomically(folder_ / "result" / file, text);
      expect_error(ErrorKind::damaged, {file, "expected"}, [&] { page_json(folder_ / "result"); });
      fs::remove(folder_ / "result" / file);
    }
}

TEST_F(RunPage, SettingsOfAResultAreThoseThatItsRunsShare) {
  RunInfo info = read_run(run());
  info.settings.model.filters = 4;
  info.seed = 8;
  create_run(folder_ / "result" / "runs" / "a", read_run(run()));
  create_run(folder_ / "result" / "runs" / "b", info);
  write_study(folder_ / "result", {}, {info.checksum, {}});
  const json p = json::parse(page_json(folder_ / "result"));
  EXPECT_EQ(schema_errors(p.dump()), std::vector<std::string>{});
  std::set<std::string> names;
  for (const auto& entry : p["made"]["settings"]) names.insert(entry["name"]);
  EXPECT_TRUE(names.contains("lags"));
  EXPECT_FALSE(names.contains("filters"));
  EXPECT_FALSE(p["made"].contains("seed"));
}

TEST_F(RunPage, AComparisonThatHasNotEndedSaysSo) {
  write_text_atomically(folder_ / "metrics.jsonl",
                        R"({"event":"started","at":1,"work":"compare","unit":"cell","pieces":2})"
                        "\n");
  const json p = json::parse(page_json(folder_ / ""));
  EXPECT_EQ(p["kind"], "run");
  EXPECT_NE(p["missing"][0].get<std::string>().find("compare has not ended"), std::string::npos);
}

TEST_F(RunPage, OnlyKnownEndingsAreWritten) {
  expect_error(ErrorKind::usage, {"page.pdf", ".html or .json"}, [&] { write_page(run(), folder_ / "page.pdf"); });
  write_page(run(), folder_ / "page.json");
  EXPECT_EQ(json::parse(read_text(folder_ / "page.json")), page());
}

TEST_F(RunPage, WithoutThePageItsDataAreWrittenAndWhatIsMissingIsSaid) {
  expect_error(ErrorKind::file, {"page.html: not written", "built without the report page", "page.json"},
               [&] { write_page(run(), folder_ / "page.html", {}, ""); });
  EXPECT_FALSE(fs::exists(folder_ / "page.html"));
  EXPECT_TRUE(schema_errors(read_text(folder_ / "page.json")).empty());
}

TEST(Page, NamesAreNoMarkup) {
  const json data = {{"name", kHostile}};
  const std::string html = page_html("<script id=\"page\">\"PLEXIFORM-PAGE\"</script><b>", data.dump());
  const std::string begin = "<script id=\"page\">", end = "</script><b>";
  ASSERT_TRUE(html.starts_with(begin) && html.ends_with(end));
  const std::string inside = html.substr(begin.size(), html.size() - begin.size() - end.size());
  EXPECT_EQ(inside.find('<'), std::string::npos);
  EXPECT_EQ(json::parse(inside), data);
  EXPECT_THROW(page_html("<p>", "{}"), InternalError);
}

TEST(Page, TemplateHasOnePlaceForDataAndNeedsNoNetwork) {
  const std::string text(page_template());
  if (text.empty()) GTEST_SKIP() << "built without the report page";
  const std::string place = "\"PLEXIFORM-PAGE\"";
  const auto found = text.find(place);
  ASSERT_NE(found, std::string::npos);
  EXPECT_EQ(text.find(place, found + 1), std::string::npos);
  EXPECT_EQ(text.find("src=\"http"), std::string::npos);
  EXPECT_EQ(text.find("@import"), std::string::npos);
}

TEST(Schema, RefusesWhatItDoesNotSay) {
  const json good = {
      {"format", "plexiform page"},
      {"version", 1},
      {"kind", "study"},
      {"title", "t"},
      {"made", {{"commands", json::array()}, {"version", "0"}, {"files", json::array()}, {"settings", json::array()}}}};
  EXPECT_TRUE(schema_errors(good.dump()).empty());
  for (const auto& [key, value] : std::vector<std::pair<std::string, json>>{
           {"version", 2}, {"kind", "page"}, {"cells", {{{"name", "x"}}}}, {"unheard", 1}, {"title", 3}}) {
    json bad = good;
    bad[key] = value;
    EXPECT_FALSE(schema_errors(bad.dump()).empty()) << key;
  }
}

}  // namespace
}  // namespace plexiform
