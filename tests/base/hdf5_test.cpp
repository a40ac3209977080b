#include "plexiform/base/hdf5.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <fstream>
#include <limits>
#include <thread>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

template <class T>
NdArray<T> any_array(const std::vector<std::int64_t>& shape) {
  NdArray<T> array(shape);
  for (T& value : array.values) value = static_cast<T>(*rc::gen::arbitrary<std::int8_t>());
  return array;
}

template <class T>
void expect_read_back() {
  const TemporaryFolder folder;
  const auto shape =
      *rc::gen::resize(4, rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 6)));
  const int deflate = *rc::gen::inRange(0, 10);
  const NdArray<T> array = any_array<T>(shape);
  {
    Hdf5File file = Hdf5File::create(folder / "a.h5");
    file.write("/some/where/values", array, deflate);
    file.close();
  }
  const Hdf5File file = Hdf5File::open(folder / "a.h5");
  RC_ASSERT(file.shape("/some/where/values") == shape);
  RC_ASSERT(file.read<T>("/some/where/values").values == array.values);
  // A block is the slice of the whole; here along the first axis.
  if (shape.empty() || shape[0] == 0) return;
  const std::int64_t begin = *rc::gen::inRange<std::int64_t>(0, shape[0]);
  std::vector<std::int64_t> start(shape.size(), 0);
  std::vector<std::int64_t> count = shape;
  start[0] = begin;
  count[0] = shape[0] - begin;
  std::vector<T> block(static_cast<std::size_t>(NdArray<T>::count(count)));
  file.read_block<T>("/some/where/values", start, count, block);
  RC_ASSERT(block == std::vector<T>(array.values.begin() + begin * array.row_size(), array.values.end()));
}

RC_GTEST_PROP(Hdf5, FloatsAreReadBack, ()) {
  expect_read_back<float>();
}
RC_GTEST_PROP(Hdf5, DoublesAreReadBack, ()) {
  expect_read_back<double>();
}
RC_GTEST_PROP(Hdf5, IntegersAreReadBack, ()) {
  expect_read_back<std::int32_t>();
  expect_read_back<std::int64_t>();
  expect_read_back<std::int8_t>();
}

TEST(Hdf5, RowsAreWrittenOneAfterTheOther) {
  const TemporaryFolder folder;
  {
    Hdf5File file = Hdf5File::create(folder / "a.h5");
    file.create<std::int8_t>("/movie", {5, 2, 3}, 2, 1);
    for (std::int8_t row = 0; row < 5; ++row)
      file.write_rows<std::int8_t>("/movie", row, std::vector<std::int8_t>(6, row));
    file.close();
  }
  const auto movie = Hdf5File::open(folder / "a.h5").read<float>("/movie");
  for (std::int64_t i = 0; i < 30; ++i) EXPECT_EQ(movie.values[static_cast<std::size_t>(i)], static_cast<float>(i / 6));
}

TEST(Hdf5, TextsAndAttributesAreReadBack) {
  const TemporaryFolder folder;
  const std::vector<std::string> names{"cell 0", "", "Zelle \xc3\xa4 \xe2\x82\xac"};
  {
    Hdf5File file = Hdf5File::create(folder / "a.h5");
    file.write_strings("/cells/names", names);
    file.write_strings("/cells/none", {});
    file.set_text("/", "format", "old");
    file.set_text("/", "format", names[2]);
    file.set_number("/cells", "rate", 29.97);
    file.close();
  }
  const Hdf5File file = Hdf5File::open(folder / "a.h5");
  EXPECT_EQ(file.read_strings("/cells/names"), names);
  EXPECT_TRUE(file.read_strings("/cells/none").empty());
  EXPECT_EQ(file.text("/", "format"), names[2]);
  EXPECT_EQ(file.number("/cells", "rate"), 29.97);
  EXPECT_EQ(file.number("/cells", "absent"), std::nullopt);
  EXPECT_EQ(file.number("/absent", "rate"), std::nullopt);
  EXPECT_EQ(file.children("/cells"), (std::vector<std::string>{"names", "none"}));
  EXPECT_TRUE(file.has("/cells/names"));
  EXPECT_FALSE(file.has("/cells/names/below"));
  EXPECT_FALSE(file.has("/nothing/here"));
}

TEST(Hdf5, ErrorsNameFileAndObject) {
  const TemporaryFolder folder;
  const std::string path = (folder / "a.h5").string();
  {
    Hdf5File file = Hdf5File::create(path);
    NdArray<double> values({2, 2});
    values.values = {0, 0.5, std::numeric_limits<double>::quiet_NaN(), 5e9};
    file.write("/values", values);
    file.write_strings("/names", {"a"});
    file.set_text("/", "format", "x");
    file.close();
  }
  const Hdf5File file = Hdf5File::open(path);
  const auto file_error = [&](const std::vector<std::string>& words, const auto& call) {
    std::vector<std::string> all{path};
    all.insert(all.end(), words.begin(), words.end());
    expect_error(ErrorKind::damaged, all, call);
  };
  file_error({"/absent", "no such dataset"}, [&] { file.read<float>("/absent"); });
  file_error({"/names", "text, expected numbers"}, [&] { file.read<float>("/names"); });
  file_error({"/values", "not text, expected text"}, [&] { file.read_strings("/values"); });
  file_error({"/values", "not a whole number"}, [&] { file.read<std::int32_t>("/values"); });
  file_error({"/", "'format' is not a number"}, [&] { (void)file.number("/", "format"); });
  file_error({"/absent", "no such group"}, [&] { (void)file.children("/absent"); });
  std::vector<double> out(2);
  const std::vector<std::int64_t> start{1, 1}, count{2, 1}, flat{0};
  file_error({"/values", "(2, 2)", "asked for (2, 1) from (1, 1)"},
             [&] { file.read_block<double>("/values", start, count, out); });
  file_error({"/values", "(2, 2)", "expected 1 axes"}, [&] { file.read_block<double>("/values", flat, flat, out); });
  EXPECT_THROW(file.read_block<double>("/values", start, start, out), InternalError);  // one value into two
  EXPECT_EQ(file.read<double>("/values").values[1], 0.5);                              // none of it has harmed the file
}

TEST(Hdf5, WhatIsNoFileOfItsKindIsSaidSo) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::missing, {"absent.h5", "no such file"}, [&] { Hdf5File::open(folder / "absent.h5"); });
  expect_error(ErrorKind::damaged, {"is a folder"}, [&] { Hdf5File::open(folder / ""); });
  std::ofstream(folder / "text.h5") << std::string(5000, 'x');
  std::ofstream(folder / "empty.h5").close();
  expect_error(ErrorKind::damaged, {"text.h5", "is not an HDF5 file"}, [&] { Hdf5File::open(folder / "text.h5"); });
  expect_error(ErrorKind::damaged, {"empty.h5", "is not an HDF5 file"}, [&] { Hdf5File::open(folder / "empty.h5"); });
  expect_error(ErrorKind::missing, {"absent/a.h5", "No such file or directory"},
               [&] { Hdf5File::create(folder / "absent/a.h5"); });
}

TEST(Hdf5, ATruncatedFileIsAnErrorWhereverItIsCut) {
  const TemporaryFolder folder;
  {
    Hdf5File file = Hdf5File::create(folder / "a.h5");
    file.write("/values", NdArray<double>({50, 40}, 1.5));
    file.close();
  }
  const std::string whole = read_text(folder / "a.h5");
  for (std::size_t size = 0; size < whole.size(); size += 397) {
    write_text_atomically(folder / "cut.h5", std::string_view(whole).substr(0, size));
    expect_error(ErrorKind::damaged, {"cut.h5"}, [&] { Hdf5File::open(folder / "cut.h5").read<double>("/values"); });
  }
}

TEST(Hdf5, DamagedBytesAreAnErrorOrOtherNumbers) {
  const TemporaryFolder folder;
  NdArray<double> values({30, 40});
  for (std::size_t i = 0; i < values.values.size(); ++i) values.values[i] = static_cast<double>(i % 17);
  {
    Hdf5File file = Hdf5File::create(folder / "a.h5");
    file.write("/group/values", values, 6);
    file.close();
  }
  const std::string whole = read_text(folder / "a.h5");
  for (std::size_t at = 8; at < whole.size(); at += 53) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    write_text_atomically(folder / "b.h5", damaged);
    try {
      const Hdf5File file = Hdf5File::open(folder / "b.h5");
      (void)file.read<double>("/group/values");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::damaged) << error.what();
    }
  }
}

TEST(Hdf5, AFileThatMayOnlyBeReadIsReadable) {
  const TemporaryFolder folder;
  Hdf5File::create(folder / "a.h5").close();
  std::filesystem::permissions(folder / "a.h5", std::filesystem::perms::owner_read);
  const Hdf5File one = Hdf5File::open(folder / "a.h5");
  const Hdf5File two = Hdf5File::open(folder / "a.h5");
  EXPECT_TRUE(one.has("/") && two.has("/"));
}

TEST(Hdf5, ThreadsMayReadAtOnce) {
  const TemporaryFolder folder;
  {
    Hdf5File file = Hdf5File::create(folder / "a.h5");
    for (int i = 0; i < 4; ++i) file.write("/values" + std::to_string(i), NdArray<std::int32_t>({100, 10}, i), 1);
    file.close();
  }
  const Hdf5File file = Hdf5File::open(folder / "a.h5");
  std::vector<std::jthread> threads;
  std::array<bool, 4> right{};
  for (std::size_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      right[i] = true;
      for (int pass = 0; pass < 50; ++pass)
        for (const float value : file.read<float>("/values" + std::to_string(i)).values)
          right[i] = right[i] && value == static_cast<float>(i);
    });
  threads.clear();
  EXPECT_EQ(right, (std::array<bool, 4>{true, true, true, true}));
}

/// Writes with a limit on the file's size, which fails as a full disk does.
int write_beyond_the_limit(const std::filesystem::path& path, bool many_rows) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{100000, 100000};
  setrlimit(RLIMIT_FSIZE, &limit);
  try {
    Hdf5File file = Hdf5File::create(path);
    if (many_rows) {
      file.create<float>("/movie", {100000, 4}, 1000, 0);
      for (std::int64_t row = 0; row < 100000; row += 1000)
        file.write_rows<float>("/movie", row, std::vector<float>(4000, 1.0F));
    } else {
      for (int i = 0; i < 300; ++i) file.write("/small" + std::to_string(i), NdArray<float>({100}));
    }
    file.close();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::file && std::string(error.what()).find("File too large") != std::string::npos ? 0
                                                                                                                    : 2;
  }
  return 1;
}

TEST(Hdf5DeathTest, AFullDiskIsAnErrorAndTheProgramEndsCleanly) {
  const TemporaryFolder folder;
  for (const bool many_rows : {true, false})
    EXPECT_EXIT(std::exit(write_beyond_the_limit(folder / "full.h5", many_rows)), ::testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace plexiform
