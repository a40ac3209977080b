// A model file of a newer version, of another kind, without a version where one is needed, or of another recording is
// refused, whether its networks or its training are read.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "model/random_networks.hpp"
#include "plexiform/jobs/archive.hpp"
#include "plexiform/jobs/model_file.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

const std::string kChecksum = "00aa";
const ModelHome kHome{Age::versioned, {kChecksum, {}, {}}};

using Texts = std::map<std::string, std::string>;

/// A whole model file with a fit's training in it.
class AModelFile : public ::testing::Test {
 protected:
  AModelFile() {
    CellFit fit;
    fit.cell = 4;
    network_of(fit) = random_network(small_settings(), at::kFloat);
    fit.ln = random_network(small_settings(), at::kFloat);
    Training training;
    training.name = "start0";
    training.state = begin_training(network_of(fit));
    write_model(path, fit, {&training, 1}, {kChecksum, {}, {}});
    whole = load_archive(path);
  }

  void read(const ModelHome& home) const {
    read_model(path, 4, home);
    Training back;
    back.name = "start0";
    read_training(path, 4, {&back, 1}, home);
  }

  /// Both readers refuse it, with its path.
  void expect_refused(const std::function<void(Texts&)>& change, std::vector<std::string> words,
                      const ModelHome& home = kHome) const {
    Archive changed = whole;
    change(changed.texts);
    save_archive(path, changed);
    words.push_back(path.string());
    expect_error(ErrorKind::damaged, words, [&] { read_model(path, 4, home); });
    Training back;
    back.name = "start0";
    expect_error(ErrorKind::damaged, words, [&] { read_training(path, 4, {&back, 1}, home); });
  }

  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "model.pt";
  Archive whole;
};

TEST_F(AModelFile, IsReadAsItWasWritten) {
  EXPECT_NO_THROW(read(kHome));
  EXPECT_NO_THROW(read({})) << "what is not known is not checked";
}

TEST_F(AModelFile, OfANewerVersionIsRefused) {
  const std::string newer = std::to_string(artefacts::model.version + 1);
  for (const Age age : {Age::any, Age::versioned})
    expect_refused([&](Texts& texts) { texts["version"] = newer; },
                   {"found version " + newer, "expected plexiform-model of version 1 to"}, {age, {}});
}

TEST_F(AModelFile, OfAVersionThatIsNoneIsRefused) {
  for (const char* version : {"0", "1.5", "-1", "one", ""})
    expect_refused([&](Texts& texts) { texts["version"] = version; }, {"no version that exists"});
}

TEST_F(AModelFile, OfAnotherKindIsRefused) {
  expect_refused([](Texts& texts) { texts["format"] = "plexiform-other"; },
                 {"the format 'plexiform-other'", "expected plexiform-model"});
}

TEST_F(AModelFile, WithoutAVersionIsReadOnlyInARunWithoutVersions) {
  const auto headless = [](Texts& texts) { texts.erase("format"), texts.erase("version"); };
  expect_refused(headless, {"neither format nor version", "expected plexiform-model"});
  EXPECT_NO_THROW(read({Age::any, {}}));
  expect_refused([](Texts& texts) { texts.erase("format"); }, {"found no format"}, {Age::any, {}});
  expect_refused([](Texts& texts) { texts.erase("version"); }, {"found no version"}, {Age::any, {}});
}

TEST_F(AModelFile, OfAnotherRecordingIsRefused) {
  expect_refused([](Texts&) {}, {"another recording", kChecksum, "00ab"}, {Age::versioned, {"00ab", {}, {}}});
}

TEST_F(AModelFile, ThatIsNoArchiveOrNotThereIsRefused) {
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  expect_error(ErrorKind::damaged, {path.string(), "not a model file"}, [&] { read_model(path, 4, kHome); });
  std::filesystem::remove(path);
  expect_error(ErrorKind::missing, {path.string(), "no such model file"}, [&] { read_model(path, 4, kHome); });
}

}  // namespace
}  // namespace plexiform
