#include "plexiform/base/error.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/temporary_folder.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"
#include "plexiform/base/mat_file.hpp"
#include "plexiform/base/npy.hpp"

namespace plexiform {
namespace {

using testing::TemporaryFolder;

/// The error of a call that must fail.
template <class Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("the call did not fail");
}

TEST(Error, ItsMessageReadsFileObjectMessage) {
  const Error error = Error(ErrorKind::data, "holds -3").in_object("/cells/counts").in_file("rec.h5");
  EXPECT_STREQ(error.what(), "rec.h5: /cells/counts: holds -3");
  EXPECT_EQ(error.place().file, "rec.h5");
  EXPECT_EQ(error.place().object, "/cells/counts");
  EXPECT_FALSE(error.place().cell);
}

TEST(Error, EachPlaceKeepsWhatIsKnownAlready) {
  const Error error = Error(ErrorKind::numeric, "diverged", "lower it")
                          .mended_by("learning_rate", "0.001")
                          .of_cell(7)
                          .in_object("step 3")
                          .in_file("rec.h5")
                          .at("fit");
  EXPECT_STREQ(error.what(), "fit: rec.h5: step 3: cell 7: diverged");
  EXPECT_EQ(error.kind(), ErrorKind::numeric);
  EXPECT_EQ(error.advice(), "lower it");
  EXPECT_EQ(error.place().file, "rec.h5");
  EXPECT_EQ(error.place().object, "step 3");
  EXPECT_EQ(error.place().cell, 7);
  EXPECT_EQ(error.parameter()->name, "learning_rate");
  EXPECT_EQ(error.parameter()->example, "0.001");
}

TEST(Error, AMessageThatBeginsWithItsPlaceSaysItOnce) {
  const Error cell = Error(ErrorKind::data, "cell 3 has no spikes").of_cell(3);
  EXPECT_STREQ(cell.what(), "cell 3 has no spikes");
  EXPECT_EQ(cell.place().cell, 3);
  EXPECT_STREQ(Error(ErrorKind::data, "cell 31 has no spikes").of_cell(3).what(), "cell 3: cell 31 has no spikes");
  const Error object = Error(ErrorKind::data, "/cells/names has 3 names").in_object("/cells/names").in_file("rec.h5");
  EXPECT_STREQ(object.in_file("rec.h5").what(), "rec.h5: /cells/names has 3 names");
  EXPECT_EQ(object.place().object, "/cells/names");
  EXPECT_STREQ(Error(ErrorKind::data, "/cells/names is empty").in_object("/cells").what(),
               "/cells: /cells/names is empty");
  EXPECT_STREQ(Error(ErrorKind::data, "no names").in_file("").what(), "no names");
  EXPECT_STREQ(Error(ErrorKind::data, "is empty").in_file("is").what(), "is: is empty");
}

TEST(Error, AnotherNameOfItsFileChangesNothingElse) {
  const Error error = Error(ErrorKind::data, "no spikes", "advice").mended_by("names", "a").of_cell(3).in_object("/b");
  const Error renamed = error.in_file("temporary").at("import").in_renamed_file("rec.h5");
  EXPECT_STREQ(renamed.what(), "import: rec.h5: /b: cell 3: no spikes");
  EXPECT_EQ(renamed.kind(), ErrorKind::data);
  EXPECT_EQ(renamed.advice(), "advice");
  EXPECT_EQ(renamed.place().file, "rec.h5");
  EXPECT_EQ(renamed.place().object, "/b");
  EXPECT_EQ(renamed.place().cell, 3);
  EXPECT_EQ(renamed.parameter()->name, "names");
  EXPECT_STREQ(error.in_renamed_file("rec.h5").what(), "rec.h5: /b: cell 3: no spikes");
}

TEST(Error, OnlyDataAndNumbersAreNotedAsResults) {
  EXPECT_EQ(noted(Error(ErrorKind::data, "no spikes")), "no spikes");
  EXPECT_EQ(noted(Error(ErrorKind::numeric, "diverged", "lower it")), "diverged; lower it");
  for (const auto kind : {ErrorKind::usage, ErrorKind::missing, ErrorKind::damaged, ErrorKind::file})
    EXPECT_EQ(error_of([&] { (void)noted(Error(kind, "full").in_file("a")); }).place().file, "a");
}

TEST(Error, FilesComeWithTheErrorsOfTheirReaders) {
  const TemporaryFolder folder;
  write_text_atomically(folder / "text", "text");
  Hdf5File::create(folder / "a.h5").close();
  const Hdf5File file = Hdf5File::open(folder / "a.h5");
  const Error object = error_of([&] { (void)file.shape("/absent"); });
  EXPECT_EQ(object.place().file, folder / "a.h5");
  EXPECT_EQ(object.place().object, "/absent");
  const std::map<std::string, ErrorKind> kinds{
      {"text", ErrorKind::damaged}, {"absent", ErrorKind::missing}, {std::string(300, 'n'), ErrorKind::file}};
  for (const auto& [name, kind] : kinds) {
    const auto path = folder / name;
    for (const Error& error : {error_of([&] { (void)Hdf5File::open(path); }), error_of([&] { (void)read_npy(path); }),
                               error_of([&] { (void)read_mat_cells(path); })}) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_EQ(error.place().file, path) << error.what();
      EXPECT_EQ(std::string(error.what()).rfind(path.string() + ": "), 0u) << error.what();
      EXPECT_EQ(std::string(error.what()).find(path.string(), 1), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace plexiform
